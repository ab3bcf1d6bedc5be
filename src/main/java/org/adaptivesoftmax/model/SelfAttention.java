package org.adaptivesoftmax.model;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.train.BatchMatMul;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * Attention of a text's tokens to one another (Vaswani et al., 2017). For each head, with d = width / heads,
 *
 * <pre>
 * softmax(q kᵀ / √d + mask) v
 * </pre>
 *
 * <p>Heads are joined and go through one more linear layer.
 *
 * @param query makes q
 * @param key makes k
 * @param value makes v
 * @param output after the heads
 * @param heads their number
 */
record SelfAttention(
    DenseLayer query, DenseLayer key, DenseLayer value, DenseLayer output, int heads) {
  static SelfAttention create(EncoderVariables variables, String name, int width, int heads) {
    return new SelfAttention(
        variables.dense(name + ".self.query", width, width),
        variables.dense(name + ".self.key", width, width),
        variables.dense(name + ".self.value", width, width),
        variables.dense(name + ".output.dense", width, width),
        heads);
  }

  /**
   * Of the states of a batch.
   *
   * @param states [batch · time, width]
   */
  Operand<TFloat32> apply(
      Ops tf, Operand<TFloat32> states, TokenMask mask, ComputePrecision precision) {
    int width = (int) output.weights().shape().get(0);
    Operand<TFloat32> q = split(tf, query.apply(tf, states, precision), mask, width);
    Operand<TFloat32> k = split(tf, key.apply(tf, states, precision), mask, width);
    Operand<TFloat32> v = split(tf, value.apply(tf, states, precision), mask, width);
    Operand<TFloat32> scaled =
        tf.math.mul(q, tf.constant((float) (1 / Math.sqrt((double) width / heads))));
    Operand<TFloat32> scores =
        tf.math.add(product(tf, scaled, k, precision, BatchMatMul.adjY(true)), mask.added());
    Operand<TFloat32> attended = product(tf, tf.nn.softmax(scores), v, precision);
    Operand<TFloat32> joined =
        tf.reshape(
            tf.linalg.transpose(attended, tf.constant(new int[] {0, 2, 1, 3})),
            tf.constant(new int[] {-1, width}));
    return output.apply(tf, joined, precision);
  }

  /** The heads apart, [batch, heads, time, d]. */
  private Operand<TFloat32> split(Ops tf, Operand<TFloat32> rows, TokenMask mask, int width) {
    Operand<TInt32> shape =
        tf.stack(
            List.of(mask.batch(), mask.time(), tf.constant(heads), tf.constant(width / heads)));
    return tf.linalg.transpose(tf.reshape(rows, shape), tf.constant(new int[] {0, 2, 1, 3}));
  }

  @SuppressWarnings("unchecked") // Both are of the precision's type.
  private static Operand<TFloat32> product(
      Ops tf,
      Operand<TFloat32> a,
      Operand<TFloat32> b,
      ComputePrecision precision,
      BatchMatMul.Options... options) {
    Operand<? extends TFloating> left = precision.operand(tf, a);
    Operand<? extends TFloating> right = precision.operand(tf, b);
    Operand<? extends TFloating> product =
        tf.train.batchMatMul(left, right, precision.type(), options);
    return precision == ComputePrecision.FLOAT32
        ? (Operand<TFloat32>) product
        : tf.dtypes.cast(product, TFloat32.class);
  }
}
