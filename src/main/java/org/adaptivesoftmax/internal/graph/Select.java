package org.adaptivesoftmax.internal.graph;

import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gather;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/** Choosing values by a condition or a column. */
public final class Select {
  private Select() {}

  /** The values where the condition holds, else 0; all of them without a condition. */
  public static <V extends TType> Operand<V> orZero(
      Ops tf, @Nullable Operand<TBool> condition, Operand<V> values) {
    return condition == null ? values : tf.select(condition, values, tf.zerosLike(values));
  }

  /** The values where the condition holds, else 1. */
  public static <V extends TNumber> Operand<V> orOne(
      Ops tf, Operand<TBool> condition, Operand<V> values) {
    // OnesLike has no gradient.
    return tf.select(condition, values, Precision.cast(tf, tf.constant(1), values.type()));
  }

  /** The values where they are not 0, else 1: what may be divided by. Not differentiable where it is 1. */
  public static <V extends TNumber> Operand<V> divisor(Ops tf, Operand<V> values) {
    Operand<V> known = tf.stopGradient(values);
    return orOne(tf, tf.math.notEqual(known, tf.zerosLike(known)), values);
  }

  /** Each row's values in its columns: [rows, width] and [rows, k] give [rows, k]. */
  public static <V extends TNumber> Operand<V> columns(
      Ops tf, Operand<V> values, Operand<TInt32> columns) {
    return tf.gather(values, columns, tf.constant(1), Gather.batchDims(1L));
  }

  /** A vector as a matrix of one column. */
  public static <V extends TType> Operand<V> asColumn(Ops tf, Operand<V> vector) {
    return tf.expandDims(vector, tf.constant(1));
  }
}
