package org.adaptivesoftmax.internal.graph;

import java.util.List;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/** Checks of operands: of types and static shapes when a graph is built, of values when it runs. */
public final class Checks {
  private Checks() {}

  /**
   * @throws IllegalArgumentException if the shape is known and has another rank
   */
  public static void rank(Shape shape, int rank, String argument) {
    Require.argument(
        shape.isUnknown() || shape.numDimensions() == rank,
        "%s must have rank %d: shape %s",
        argument,
        rank,
        shape);
  }

  /**
   * @throws IllegalArgumentException if the ids are neither int32 nor int64
   */
  public static void integer(Operand<? extends TNumber> ids, String argument) {
    Require.argument(
        ids.type() == TInt32.class || ids.type() == TInt64.class,
        "%s must be int32 or int64: %s",
        argument,
        ids.type().getSimpleName());
  }

  /**
   * The value; what computes it fails if the condition does not hold.
   *
   * @param condition a scalar
   * @param message what the failure says
   */
  public static <V extends TType> Operand<V> atRun(
      Ops tf, Operand<V> value, Operand<TBool> condition, Operand<?>... message) {
    Op check = tf.assertThat(condition, List.of(message));
    // Eagerly, the check has run, and control dependencies are not allowed.
    return tf.scope().env().isGraph()
        ? tf.withControlDependencies(List.of(check)).identity(value)
        : value;
  }

  /**
   * AS-Softmax's margin.
   *
   * @throws IllegalArgumentException if it is outside (0, 1] or NaN
   */
  public static void delta(String name, double value) {
    Require.argument(value > 0 && value <= 1, "%s must be in (0, 1]: %s", name, value);
  }

  /**
   * AS-Softmax's δ in the type of probabilities; the run fails if it is not in (0, 1].
   *
   * @throws IllegalArgumentException if it is no scalar
   */
  public static <R extends TFloating> Operand<R> delta(
      Ops tf, Class<R> type, Operand<? extends TNumber> delta) {
    rank(delta.shape(), 0, "delta");
    Operand<R> margin = Precision.cast(tf, delta, type);
    Operand<TBool> inRange =
        tf.math.logicalAnd(
            tf.math.greater(margin, tf.zerosLike(margin)),
            tf.math.lessEqual(margin, tf.onesLike(margin)));
    return atRun(tf, margin, inRange, tf.constant("delta must be in (0, 1]:"), margin);
  }

  /**
   * @param batch [N] or [N, width]
   * @throws IllegalArgumentException if the values are no vector, or static shapes tell that there is not one for each row
   */
  public static void oneForEachRow(Operand<?> values, Operand<?> batch, String argument) {
    Shape given = values.shape();
    rank(given, 1, argument);
    if (given.isUnknown() || batch.shape().isUnknown()) {
      return;
    }
    long size = given.get(0);
    long rows = batch.shape().get(0);
    Require.argument(
        size == rows || size == Shape.UNKNOWN_SIZE || rows == Shape.UNKNOWN_SIZE,
        "%s must have one value for each of the %d rows: %d",
        argument,
        rows,
        size);
  }

  /** A vector, as it is; the run fails if it has not one value for each row, with a message that holds both numbers. */
  public static <V extends TType> Operand<V> oneEach(
      Ops tf, Operand<V> vector, Operand<TInt32> rows, String argument) {
    Operand<TInt32> size = tf.size(vector);
    String message = argument + " must have one value for each row; rows, values:";
    return atRun(tf, vector, tf.math.equal(size, rows), tf.constant(message), rows, size);
  }
}
