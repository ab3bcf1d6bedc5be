package org.adaptivesoftmax.training;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;

/**
 * What every variable shares in one step of Adam (Kingma and Ba, 2015): the learning rate of that step and the powers
 * of the moments' decay rates that correct their bias. A function of what is fed, so that it needs no variable.
 *
 * @param learningRate the step's learning rate, a scalar
 * @param firstPower β₁ to the power of the step's number
 * @param secondPower β₂ to the power of the step's number
 */
record AdamStep(
    Operand<TFloat32> learningRate, Operand<TFloat32> firstPower, Operand<TFloat32> secondPower) {
  /** β₁, the decay rate of the first moment. */
  static final float FIRST_DECAY = 0.9f;

  /** β₂, the decay rate of the second moment. */
  static final float SECOND_DECAY = 0.999f;

  /** ε, added to the square root of the second moment (ε̂ in the paper). */
  static final float EPSILON = 1e-8f;

  /**
   * @param learningRate a scalar
   * @param number the step's number, from 1 on, a scalar
   */
  static AdamStep of(Ops tf, Operand<TFloat32> learningRate, Operand<TInt64> number) {
    Operand<TFloat64> exponent = tf.dtypes.cast(number, TFloat64.class);
    return new AdamStep(
        learningRate, power(tf, FIRST_DECAY, exponent), power(tf, SECOND_DECAY, exponent));
  }

  /** The learning rate with the bias corrections of both moments, α · √(1 − β₂ᵗ) / (1 − β₁ᵗ). */
  Operand<TFloat32> correctedRate(Ops tf) {
    Operand<TFloat32> one = tf.constant(1f);
    return tf.math.mul(
        learningRate,
        tf.math.div(tf.math.sqrt(tf.math.sub(one, secondPower)), tf.math.sub(one, firstPower)));
  }

  // In float64: float32 would lose the digits of 1 − β₂ᵗ in the first steps.
  private static Operand<TFloat32> power(Ops tf, float decay, Operand<TFloat64> exponent) {
    return tf.dtypes.cast(tf.math.pow(tf.constant((double) decay), exponent), TFloat32.class);
  }
}
