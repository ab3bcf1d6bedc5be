package org.adaptivesoftmax.model;

import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** Starting values of variables: a function of shape and seed alone. */
final class Initializers {
  private Initializers() {}

  /** Uniform in ±limit. */
  static Operand<TFloat32> uniform(Ops tf, Shape shape, double limit, long seed) {
    Operand<TFloat32> unit =
        tf.random.statelessRandomUniform(
            tf.constant(shape.asArray()), tf.constant(new long[] {seed, 0}));
    return tf.math.mul(tf.math.sub(unit, tf.constant(0.5f)), tf.constant((float) (2 * limit)));
  }

  /** Normal with mean 0 and a standard deviation. */
  static Operand<TFloat32> normal(Ops tf, Shape shape, double deviation, long seed) {
    Operand<TFloat32> standard =
        tf.random.statelessRandomNormal(
            tf.constant(shape.asArray()), tf.constant(new long[] {seed, 0}));
    return tf.math.mul(standard, tf.constant((float) deviation));
  }
}
