package org.adaptivesoftmax.assoftmax;

import org.adaptivesoftmax.internal.graph.Checks;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.io.Require;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * The margin δ in (0, 1].
 *
 * @param constant its value, unless there is an operand
 * @param operand what computes its value in each run
 */
record Delta(double constant, @Nullable Operand<? extends TNumber> operand) {
  /**
   * @throws IllegalArgumentException if the value is outside (0, 1] or NaN
   */
  static Delta of(double value) {
    Checks.delta("delta", value);
    return new Delta(value, null);
  }

  /**
   * A delta whose value is checked when it runs.
   *
   * @throws IllegalArgumentException if it is no scalar of a floating type
   */
  static Delta of(Operand<? extends TNumber> value) {
    Require.argument(
        TFloating.class.isAssignableFrom(value.type()),
        "delta must be of a floating type: %s",
        value.type().getSimpleName());
    Require.argument(
        value.shape().isUnknown() || value.shape().isScalar(),
        "delta must be a scalar: shape %s",
        value.shape());
    return new Delta(Double.NaN, value);
  }

  <R extends TFloating> Operand<R> value(Ops tf, Class<R> type) {
    if (operand == null) {
      return Precision.cast(tf, tf.constant(constant), type);
    }
    return Checks.delta(tf, type, operand);
  }

  @Override
  public String toString() {
    return operand == null ? Double.toString(constant) : "operand " + operand.op().name();
  }
}
