package org.adaptivesoftmax.assoftmax;

import java.util.List;
import org.adaptivesoftmax.internal.graph.Checks;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.math.Equal;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/**
 * Logits of any rank as the rows of a matrix, in a type that holds sums of exponentials.
 *
 * @param values [rows, classes]
 * @param shape the shape that the logits came in, [rank]
 * @param classes the number of classes, a scalar
 */
record LogitRows<R extends TFloating>(
    Operand<R> values, Operand<TInt64> shape, Operand<TInt64> classes) {

  /**
   * The type to compute in: the logits' own, or float32 for half precision.
   *
   * @throws IllegalArgumentException if the logits have no floating type
   */
  static Class<? extends TFloating> typeFor(Operand<? extends TNumber> logits) {
    Class<? extends TNumber> type = logits.type();
    if (type == TFloat64.class) {
      return TFloat64.class;
    }
    Require.argument(
        type == TFloat32.class || type == TBfloat16.class || type == TFloat16.class,
        "logits must be float32, float64, bfloat16 or float16: %s",
        type.getSimpleName());
    return TFloat32.class;
  }

  /**
   * @param logits [..., classes]
   * @throws IllegalArgumentException if the logits are known to be a scalar, or to have less than two classes
   */
  static <R extends TFloating> LogitRows<R> of(
      Ops tf, Operand<? extends TNumber> logits, Class<R> type) {
    Shape known = logits.shape();
    if (!known.isUnknown()) {
      Require.argument(known.numDimensions() > 0, "logits must be [..., classes]: shape %s", known);
      long classes = known.get(-1);
      Require.argument(
          classes == Shape.UNKNOWN_SIZE || classes >= 2,
          "logits must have at least two classes: shape %s",
          known);
    }
    // Not all ops on the way from a shape have a gradient, though it would not be used.
    Operand<? extends TNumber> fixed = tf.stopGradient(logits);
    Operand<TInt64> shape = tf.shape(fixed, TInt64.class);
    Operand<TInt64> classes =
        tf.gather(shape, tf.math.sub(tf.rank(fixed), tf.constant(1)), tf.constant(0));
    classes =
        Checks.atRun(
            tf,
            classes,
            tf.math.greater(classes, tf.constant(1L)),
            tf.constant("logits must have at least two classes:"),
            classes);
    Operand<R> values = Precision.cast(tf, logits, type);
    if (known.isUnknown() || known.numDimensions() != 2) {
      values = tf.reshape(values, tf.stack(List.of(tf.constant(-1L), classes)));
    }
    return new LogitRows<>(values, shape, classes);
  }

  /** Whether the logits came in the given shape, a scalar. */
  Operand<TBool> hasShape(Ops tf, Operand<TInt64> other) {
    Operand<TBool> equal = tf.math.equal(shape, other, Equal.incompatibleShapeError(false));
    return tf.reduceAll(tf.reshape(equal, tf.constant(new int[] {-1})), tf.constant(0));
  }

  /** A result of [rows, classes] in the shape of the logits. */
  <V extends TType> Operand<V> unflatten(Ops tf, Operand<V> result) {
    return tf.reshape(result, shape);
  }
}
