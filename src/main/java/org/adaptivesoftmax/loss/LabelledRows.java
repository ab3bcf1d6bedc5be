package org.adaptivesoftmax.loss;

import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Rows;
import org.adaptivesoftmax.internal.graph.Select;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * The rows of a batch that have a label.
 *
 * @param targets class ids, [rows]
 * @param places of the rows in the batch, [rows]; null where every row has a label
 * @param batch number of rows of the batch, a scalar
 */
record LabelledRows(
    Operand<TInt64> targets, @Nullable Operand<TInt64> places, Operand<TInt64> batch) {
  /** The labelled rows' part of a vector or matrix with one row for each of the batch. */
  <V extends TFloating> Operand<V> ofBatch(Ops tf, Operand<V> values) {
    return places == null ? values : Rows.take(tf, values, places);
  }

  /** One value for each row of the batch, 0 for rows without a label. */
  <V extends TFloating> Operand<V> inBatch(Ops tf, Operand<V> values) {
    return places == null ? values : Rows.spread(tf, values, places, batch);
  }

  /**
   * The rows' losses, weighed and reduced.
   *
   * @param ofCaller the caller's weight of each row of the batch, or null
   */
  <R extends TFloating> SoftmaxLoss reduced(
      Ops tf, LossSettings settings, RowLoss<R> losses, @Nullable Operand<R> ofCaller) {
    Operand<R> weights =
        RowWeights.of(
            tf,
            losses.loss().type(),
            settings,
            ofCaller == null ? null : ofBatch(tf, ofCaller),
            targets);
    Operand<R> loss = weights == null ? losses.loss() : tf.math.mul(losses.loss(), weights);
    return new SoftmaxLoss(
        inBatch(tf, losses.logProb()),
        switch (settings.reduction()) {
          case NONE -> inBatch(tf, loss);
          case SUM -> tf.reduceSum(loss, tf.constant(0));
          case MEAN -> mean(tf, loss, weights);
        });
  }

  /** Weighted mean; 0 with zero gradients where there is nothing to average. */
  private static <R extends TFloating> Operand<R> mean(
      Ops tf, Operand<R> loss, @Nullable Operand<R> weights) {
    Operand<R> total =
        weights == null
            ? Precision.cast(tf, tf.size(loss), loss.type())
            : tf.reduceSum(weights, tf.constant(0));
    return tf.math.div(tf.reduceSum(loss, tf.constant(0)), Select.divisor(tf, total));
  }
}
