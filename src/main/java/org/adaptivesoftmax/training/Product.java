package org.adaptivesoftmax.training;

import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;

/** The products of rows [n, d] with weights [m, d], in a graph and a session of its own. */
final class Product implements AutoCloseable {
  private final Graph graph = new Graph();
  private final Session session;
  private final double multiplyAdds;
  private final Op nothing;
  private final Op scores;
  private final Op step;

  Product(int rows, int features, int classes, int threads) {
    multiplyAdds = (double) rows * features * classes;
    Ops tf = Ops.create(graph);
    Variable<TFloat32> x = normal(tf, 1, rows, features);
    Variable<TFloat32> weight = normal(tf, 2, classes, features);
    Operand<TFloat32> product = tf.linalg.matMul(x, weight, MatMul.transposeB(true));
    // In a step the scores stand in for their gradient.
    Operand<TFloat32> ofRows = tf.linalg.matMul(product, weight);
    Operand<TFloat32> ofWeight = tf.linalg.matMul(product, x, MatMul.transposeA(true));
    nothing = tf.noOp();
    scores = product;
    step = tf.withControlDependencies(List.of(ofRows, ofWeight)).noOp();
    session =
        new Session(
            graph,
            ConfigProto.newBuilder()
                .setIntraOpParallelismThreads(threads)
                .setInterOpParallelismThreads(1)
                .build());
    session.initialize();
  }

  private static Variable<TFloat32> normal(Ops tf, long seed, long... shape) {
    Variable<TFloat32> variable = tf.variable(Shape.of(shape), TFloat32.class);
    Ops init = tf.withInitScope();
    init.assign(
        variable,
        init.random.statelessRandomNormal(
            init.constant(shape), init.constant(new long[] {seed, 0}), TFloat32.class));
    return variable;
  }

  /** The number of multiply-adds of the scores. */
  double multiplyAdds() {
    return multiplyAdds;
  }

  /** What a call takes beside its products. */
  void nothing() {
    session.runner().addTarget(nothing).run().close();
  }

  /** The scores [n, m]. */
  void scores() {
    session.runner().addTarget(scores).run().close();
  }

  /** The scores, the gradient of the rows and that of the weights. */
  void step() {
    session.runner().addTarget(step).run().close();
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}
