package org.adaptivesoftmax.assoftmax;

import java.util.List;
import org.adaptivesoftmax.internal.graph.Precision;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceAny;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.op.core.ReduceMin;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * Which labels multi-label AS-Softmax keeps, and what the rows cost.
 *
 * @param logits [rows, classes]
 * @param positive [rows, classes]
 * @param kept [rows, classes]
 */
record MultiLabelMask<R extends TFloating>(
    LogitRows<R> logits, Operand<TBool> positive, Operand<TBool> kept) {

  static <R extends TFloating> MultiLabelMask<R> of(
      Ops tf, LogitRows<R> logits, Operand<TBool> positive, Operand<R> delta) {
    Operand<R> p = tf.nn.softmax(tf.stopGradient(logits.values()));
    Operand<TBool> negative = tf.math.logicalNot(positive);
    Operand<R> one = number(tf, 1, p);
    Operand<R> zero = number(tf, 0, p);
    // Where there is no positive, or no negative, the bound lies outside [0, 1] and masks nothing.
    Operand<TInt32> byRow = tf.constant(1);
    Operand<R> leastPositive =
        tf.select(
            tf.reduceAny(positive, byRow, ReduceAny.keepDims(true)),
            tf.reduceMin(tf.select(positive, p, one), byRow, ReduceMin.keepDims(true)),
            number(tf, -1, p));
    Operand<R> largestNegative =
        tf.select(
            tf.reduceAny(negative, byRow, ReduceAny.keepDims(true)),
            tf.reduceMax(tf.select(negative, p, zero), byRow, ReduceMax.keepDims(true)),
            number(tf, 2, p));
    Operand<R> ahead =
        tf.select(positive, tf.math.sub(p, largestNegative), tf.math.sub(leastPositive, p));
    // A softmax may round to just above 1: with delta 1 nothing is to be dropped.
    Operand<TBool> kept = tf.math.lessEqual(tf.math.minimum(ahead, one), delta);
    return new MultiLabelMask<>(logits, positive, kept);
  }

  /** What each row costs, [rows]. */
  Operand<R> losses(Ops tf) {
    Operand<R> o = logits.values();
    Operand<R> leftOut = number(tf, Double.NEGATIVE_INFINITY, o);
    Operand<TBool> keptNegative = tf.math.logicalAnd(kept, tf.math.logicalNot(positive));
    Operand<TBool> keptPositive = tf.math.logicalAnd(kept, positive);
    return tf.math.add(
        logOnePlusSumExp(tf, tf.select(keptNegative, o, leftOut)),
        logOnePlusSumExp(tf, tf.select(keptPositive, tf.math.neg(o), leftOut)));
  }

  /** log(1 + Σ exp(x)) of each row, [rows]. */
  private static <R extends TFloating> Operand<R> logOnePlusSumExp(Ops tf, Operand<R> x) {
    Operand<TInt32> byRow = tf.constant(1);
    // No exponent is above 0; one of them, the 1's included, is 0.
    Operand<R> largest =
        tf.math.maximum(
            tf.reduceMax(tf.stopGradient(x), byRow, ReduceMax.keepDims(true)), number(tf, 0, x));
    Operand<R> sum =
        tf.reduceSum(tf.math.exp(tf.math.sub(x, largest)), byRow, ReduceSum.keepDims(true));
    Operand<R> one = tf.math.exp(tf.math.neg(largest));
    return tf.squeeze(
        tf.math.add(largest, tf.math.log(tf.math.add(one, sum))), Squeeze.axis(List.of(1L)));
  }

  private static <R extends TFloating> Operand<R> number(Ops tf, double value, Operand<R> like) {
    return Precision.cast(tf, tf.constant(value), like.type());
  }
}
