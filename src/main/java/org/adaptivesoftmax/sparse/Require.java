package org.adaptivesoftmax.sparse;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.family.TType;

/** Checks of arguments when a graph is built, and of values when it runs. */
final class Require {
  private Require() {}

  static void argument(boolean condition, String format, Object... values) {
    if (!condition) {
      throw new IllegalArgumentException(format.formatted(values));
    }
  }

  /**
   * The value; what computes it fails if the condition does not hold.
   *
   * @param condition a scalar
   * @param message what the failure says
   */
  static <V extends TType> Operand<V> atRun(
      Ops tf, Operand<V> value, Operand<TBool> condition, Operand<?>... message) {
    Op check = tf.assertThat(condition, List.of(message));
    // Eagerly, the check has run, and control dependencies are not allowed.
    return tf.scope().env().isGraph()
        ? tf.withControlDependencies(List.of(check)).identity(value)
        : value;
  }
}
