package org.adaptivesoftmax.decoding;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.types.family.TFloating;

/** log Σ exp of rows that may hold −∞, or nothing else. */
final class LogSumExp {
  private LogSumExp() {}

  /** [rows, 1]; −∞ where a whole row is. */
  static <R extends TFloating> Operand<R> of(Ops tf, Operand<R> values) {
    Operand<R> max =
        finiteOrZero(tf, tf.reduceMax(values, tf.constant(1), ReduceMax.keepDims(true)));
    Operand<R> sum =
        tf.reduceSum(
            tf.math.exp(tf.math.sub(values, max)), tf.constant(1), ReduceSum.keepDims(true));
    return tf.math.add(tf.math.log(sum), max);
  }

  private static <R extends TFloating> Operand<R> finiteOrZero(Ops tf, Operand<R> values) {
    return tf.select(tf.math.isFinite(values), values, tf.zerosLike(values));
  }
}
