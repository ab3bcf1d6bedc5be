package org.adaptivesoftmax.internal.graph;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/** Choosing rows of a batch and putting what was computed for them back in their places. */
public final class Rows {
  private Rows() {}

  /** Number of rows of a matrix, a scalar. */
  public static Operand<TInt32> count(Ops tf, Operand<?> matrix) {
    return tf.squeeze(tf.shape.size(matrix, tf.constant(0)));
  }

  /** The indices of all rows of a matrix. */
  public static Operand<TInt64> all(Ops tf, Operand<?> matrix) {
    Operand<TInt64> count = tf.dtypes.cast(count(tf, matrix), TInt64.class);
    return tf.range(tf.constant(0L), count, tf.constant(1L));
  }

  /** The indices of the rows that are chosen, in increasing order. */
  public static Operand<TInt64> where(Ops tf, Operand<TBool> chosen) {
    return tf.squeeze(tf.where(chosen), Squeeze.axis(List.of(1L)));
  }

  /** The given rows of a vector or matrix. */
  public static <V extends TType> Operand<V> take(
      Ops tf, Operand<V> values, Operand<? extends TNumber> rows) {
    return tf.gather(values, rows, tf.constant(0));
  }

  /** A vector with the given values at the given rows and 0 elsewhere. */
  public static <V extends TType> Operand<V> spread(
      Ops tf, Operand<V> values, Operand<TInt64> rows, Operand<TInt64> size) {
    return tf.scatterNd(
        tf.expandDims(rows, tf.constant(1)), values, tf.expandDims(size, tf.constant(0)));
  }
}
