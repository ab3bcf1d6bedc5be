package org.adaptivesoftmax.internal.weights;

import java.util.List;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Rows;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.op.core.ReduceMin;
import org.tensorflow.op.core.Variable;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * The class rows of a tail cluster, as they are, rounded to bfloat16, or as int8 with a scale for each row.
 *
 * @param values [size, width]; the bytes of int8 if there is a scale
 * @param scale of each row, [size], or null
 */
public record StoredRows<V extends TNumber>(
    Variable<V> values, @Nullable Variable<TFloat32> scale, int size, int width) {
  private static final float LARGEST = 127;

  /** Rows as they are. Adds a variable without an initializer, as the others do. */
  public static StoredRows<TFloat32> float32(Ops tf, String name, int size, int width) {
    return of(tf, TFloat32.class, name, null, size, width);
  }

  /** Rows rounded to bfloat16. */
  public static StoredRows<TBfloat16> bfloat16(Ops tf, String name, int size, int width) {
    return of(tf, TBfloat16.class, name, null, size, width);
  }

  /** Rows as int8, with a scale for each. */
  public static StoredRows<TUint8> int8(Ops tf, String name, int size, int width) {
    Variable<TFloat32> scale =
        tf.withName(name + ".scale").variable(Shape.of(size), TFloat32.class);
    return of(tf, TUint8.class, name, scale, size, width);
  }

  private static <V extends TNumber> StoredRows<V> of(
      Ops tf, Class<V> type, String name, @Nullable Variable<TFloat32> scale, int size, int width) {
    Variable<V> values = tf.withName(name + ".weight").variable(Shape.of(size, width), type);
    return new StoredRows<>(values, scale, size, width);
  }

  /**
   * x Wᵀ, [rows, size], multiplied in the type of x: for int8 (x qᵀ) s.
   *
   * @param x [rows, width]
   */
  public <T extends TFloating> Operand<T> product(Ops tf, Operand<T> x) {
    Operand<TInt32> rows = Rows.count(tf, x);
    // Without rows no weight is read: the product is empty, and takes the shape of any empty one.
    Operand<TInt32> read = tf.math.mul(tf.math.minimum(rows, tf.constant(1)), tf.constant(size));
    Operand<V> stored =
        tf.stridedSlice(
            values,
            tf.constant(new int[2]),
            tf.stack(List.of(read, tf.constant(width))),
            tf.constant(new int[] {1, 1}));
    Operand<T> weight = Precision.cast(tf, numbers(tf, stored), x.type());
    Operand<T> product =
        tf.reshape(
            tf.linalg.matMul(x, weight, MatMul.transposeB(true)),
            tf.stack(List.of(rows, tf.constant(size))));
    return scale == null
        ? product
        : Precision.cast(
            tf, tf.math.mul(Precision.cast(tf, product, TFloat32.class), scale), x.type());
  }

  private Operand<? extends TNumber> numbers(Ops tf, Operand<V> stored) {
    return scale == null ? stored : Int8.numbers(tf, stored);
  }

  /**
   * Stores weights; the run fails if one is not finite.
   *
   * @param weight [size, width]
   * @param name what an error calls it
   */
  public Op assign(Ops tf, Operand<TFloat32> weight, String name) {
    Operand<TFloat32> finite = tf.debugging.checkNumerics(weight, "weight must be finite: " + name);
    if (scale == null) {
      return tf.assign(values, Precision.cast(tf, finite, values.type()));
    }
    Operand<TInt32> columns = tf.constant(1);
    Operand<TFloat32> largest =
        tf.math.maximum(
            tf.reduceMax(finite, columns, ReduceMax.keepDims(true)),
            tf.math.neg(tf.reduceMin(finite, columns, ReduceMin.keepDims(true))));
    Operand<TFloat32> step = tf.math.div(largest, tf.constant(LARGEST));
    Operand<TFloat32> divisor =
        tf.select(tf.math.greater(step, tf.constant(0f)), step, tf.onesLike(step));
    Operand<TFloat32> rounded =
        tf.clipByValue(
            tf.math.round(tf.math.div(finite, divisor)),
            tf.constant(-LARGEST),
            tf.constant(LARGEST));
    return tf.withControlDependencies(
            List.of(
                assignBytes(tf, Int8.bytes(tf, rounded)),
                tf.assign(scale, tf.reshape(step, tf.constant(new int[] {size})))))
        .noOp();
  }

  @SuppressWarnings("unchecked") // With a scale, the values are bytes.
  private Op assignBytes(Ops tf, Operand<TUint8> bytes) {
    return tf.assign(values, (Operand<V>) bytes);
  }
}
