package org.adaptivesoftmax.loss;

import org.adaptivesoftmax.internal.graph.Precision;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * What each row costs.
 *
 * @param logProb of the target, [rows]
 * @param loss before weighing, [rows]
 */
record RowLoss<R extends TFloating>(Operand<R> logProb, Operand<R> loss) {
  /** −log p(target). */
  static <R extends TFloating> RowLoss<R> of(Ops tf, Operand<R> logProb) {
    return new RowLoss<>(logProb, tf.math.neg(logProb));
  }

  /**
   * −(1 − ε) log p(target) − ε (mean log-probability at each level).
   *
   * @param mean null without smoothing
   * @param smoothing ε
   */
  static <R extends TFloating> RowLoss<R> smoothed(
      Ops tf, Operand<R> logProb, @Nullable Operand<R> mean, double smoothing) {
    if (mean == null) {
      return of(tf, logProb);
    }
    Operand<R> kept = Precision.cast(tf, tf.constant(smoothing - 1), logProb.type());
    Operand<R> spread = Precision.cast(tf, tf.constant(smoothing), logProb.type());
    return new RowLoss<>(
        logProb, tf.math.sub(tf.math.mul(kept, logProb), tf.math.mul(spread, mean)));
  }
}
