package org.adaptivesoftmax.loss;

import org.adaptivesoftmax.internal.graph.Precision;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.random.RandomUniform;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** Inverted dropout (Srivastava et al., 2014), as PyTorch's {@code nn.Dropout} in training. */
final class Dropout {
  private Dropout() {}

  /** The values, each 0 with probability {@code rate} and else divided by 1 − rate. */
  static <T extends TFloating> Operand<T> apply(Ops tf, Operand<T> x, double rate, long seed) {
    Operand<TFloat32> drawn =
        tf.random.randomUniform(
            tf.shape(x), TFloat32.class, RandomUniform.seed(seed), RandomUniform.seed2(1L));
    Operand<T> kept =
        tf.dtypes.cast(tf.math.greaterEqual(drawn, tf.constant((float) rate)), x.type());
    return tf.math.mul(
        x, tf.math.mul(kept, Precision.cast(tf, tf.constant(1 / (1 - rate)), x.type())));
  }
}
