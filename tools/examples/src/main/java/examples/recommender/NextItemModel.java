package examples.recommender;

import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.embedding.AdaptiveEmbedding;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.op.random.TruncatedNormal;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/** The network, built alike for training and for serving: the last items, a hidden layer, the item that follows. */
final class NextItemModel {
  static final int HISTORY = 3;
  static final int WIDTH = 64;

  /** Item ids, [batch, HISTORY], with {@link Catalog#NONE} where there is none. */
  final Operand<TInt64> history;

  final Operand<TFloat32> hidden;
  final AdaptiveSoftmax<TFloat32> softmax;

  NextItemModel(Ops tf, Catalog catalog) {
    history = tf.placeholder(TInt64.class, Placeholder.shape(Shape.of(-1, HISTORY)));
    AdaptiveEmbedding<TFloat32> embedding =
        AdaptiveEmbedding.builder(TFloat32.class)
            .plan(catalog.plan())
            .labelOrder(catalog.order())
            .paddingIndex(Catalog.NONE)
            .build(tf);
    Operand<TFloat32> items =
        tf.reshape(embedding.call(tf, history), tf.constant(new int[] {-1, HISTORY * WIDTH}));
    hidden = tf.math.tanh(tf.linalg.matMul(items, weight(tf)));
    softmax =
        AdaptiveSoftmax.builder(TFloat32.class)
            .plan(catalog.plan())
            .labelOrder(catalog.order())
            .build(tf);
  }

  private static Variable<TFloat32> weight(Ops tf) {
    int[] shape = {HISTORY * WIDTH, WIDTH};
    Variable<TFloat32> weight =
        tf.withName("hidden").variable(Shape.of(shape[0], shape[1]), TFloat32.class);
    Ops init = tf.withInitScope();
    Operand<TFloat32> drawn =
        init.random.truncatedNormal(init.constant(shape), TFloat32.class, TruncatedNormal.seed(1L));
    init.assign(weight, init.math.mul(drawn, init.constant(0.5f)));
    return weight;
  }
}
