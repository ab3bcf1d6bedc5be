package org.adaptivesoftmax.assoftmax;

import java.util.List;
import org.adaptivesoftmax.gradient.BackwardOps;
import org.adaptivesoftmax.gradient.FusedGradient;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Rows;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/**
 * Which classes AS-Softmax keeps, and what the rows cost. With p = softmax(o) and target t, class i is dropped where
 * p<sub>t</sub> − p<sub>i</sub> &gt; δ. A row without a label has the mask of label 0, as in the published reference.
 *
 * <p>The loss needs no second softmax. With S = Σ<sub>kept</sub> p<sub>i</sub>, −log(p<sub>t</sub> / S) is
 *
 * <pre>
 * (max o − oₜ) + log(S / max p)
 * </pre>
 *
 * whose terms are never negative, so that nothing cancels, and never infinite for finite logits: the largest class is
 * always kept, so 1 ≤ S / max p ≤ classes. In a finished row the target is that class, and both terms are exactly 0. The
 * gradient, kept<sub>i</sub> p<sub>i</sub> / S − [i = t], is exactly 0 there, too.
 *
 * @param logits [rows, classes], o
 * @param labels of the rows, t
 * @param p [rows, classes]
 * @param dropped [rows, classes]
 */
record RowMask<R extends TFloating>(
    LogitRows<R> logits, RowLabels labels, Operand<R> p, Operand<TBool> dropped) {
  // Cheaper than the derivative of a masked log-softmax, which passes over [rows, classes] more
  // often.
  private static final FusedGradient FUSED =
      FusedGradient.define("adaptive_sparse_softmax", RowMask::backward);

  static <R extends TFloating> RowMask<R> of(
      Ops tf, LogitRows<R> logits, RowLabels labels, Operand<R> delta) {
    Operand<R> p = tf.nn.softmax(tf.stopGradient(logits.values()));
    Operand<R> one = Precision.cast(tf, tf.constant(1.0), p.type());
    // A softmax may round to just above 1: with delta 1 nothing is to be dropped.
    Operand<R> atTarget = tf.math.minimum(tf.gatherNd(p, labels.places(tf)), one);
    Operand<R> target = tf.expandDims(atTarget, tf.constant(1));
    return new RowMask<>(logits, labels, p, tf.math.greater(tf.math.sub(target, p), delta));
  }

  Operand<TBool> kept(Ops tf) {
    return tf.math.logicalNot(dropped);
  }

  /** What each row costs, 0 for a row without a label, [rows]. */
  Operand<R> losses(Ops tf) {
    Operand<TInt64> places = labels.places(tf);
    Operand<R> zero = Precision.cast(tf, tf.constant(0.0), p.type());
    Operand<R> keptP = tf.select(dropped, zero, p);
    Operand<R> sum = tf.reduceSum(keptP, tf.constant(1), ReduceSum.keepDims(true));
    Operand<TInt32> byRow = tf.constant(1);
    Operand<R> o = tf.stopGradient(logits.values());
    Operand<R> behind = tf.math.sub(tf.reduceMax(o, byRow), tf.gatherNd(o, places));
    Operand<R> spread = tf.math.div(sum, tf.reduceMax(p, byRow, ReduceMax.keepDims(true)));
    Operand<R> loss =
        tf.math.add(behind, tf.math.log(tf.reshape(spread, tf.constant(new int[] {-1}))));
    if (tf.scope().env().isGraph()) {
      List<Output<?>> fused =
          FUSED.apply(tf, List.of(loss), List.of(logits.values()), List.of(keptP, sum, places));
      loss = typed(fused.get(0));
    }
    return tf.select(labels.labelled(), loss, zero);
  }

  /** Which rows have a gradient: those with a label and a kept class besides it. */
  UnfinishedRows unfinished(Ops tf) {
    Operand<TInt32> keptPerRow =
        tf.reduceSum(tf.dtypes.cast(kept(tf), TInt32.class), tf.constant(1));
    Operand<TBool> unfinished =
        tf.math.logicalAnd(labels.labelled(), tf.math.greater(keptPerRow, tf.constant(1)));
    Operand<TInt64> indices = Rows.where(tf, unfinished);
    Operand<TInt64> labelled =
        tf.reduceSum(tf.dtypes.cast(labels.labelled(), TInt64.class), tf.constant(0));
    Operand<TInt64> finished = tf.math.sub(labelled, tf.size(indices, TInt64.class));
    return new UnfinishedRows(indices, labelled, finished);
  }

  /** By how much each row's target leads every other class, in [−1, 1], [rows]. */
  Operand<TFloat32> margins(Ops tf) {
    Operand<TInt64> places = labels.places(tf);
    Operand<R> target = tf.gatherNd(p, places);
    Operand<R> others = tf.tensorScatterNdUpdate(p, places, tf.math.neg(tf.onesLike(target)));
    return Precision.cast(
        tf, tf.math.sub(target, tf.reduceMax(others, tf.constant(1))), TFloat32.class);
  }

  private static List<Operand<?>> backward(
      BackwardOps ops, List<Output<?>> inputs, List<Output<?>> saved, List<Output<?>> upstream) {
    Ops tf = ops.tf();
    Operand<TFloating> keptP = typed(saved.get(0));
    Operand<TFloating> sum = typed(saved.get(1));
    Operand<TInt64> places = typed(saved.get(2));
    Operand<TFloating> byLoss = tf.expandDims(typed(upstream.get(0)), tf.constant(1));
    Operand<TFloating> target = tf.expandDims(tf.gatherNd(keptP, places), tf.constant(1));
    Operand<TFloating> others = tf.math.div(tf.math.sub(target, sum), sum);
    Operand<TFloating> atTarget =
        tf.reshape(tf.math.mul(byLoss, others), tf.constant(new int[] {-1}));
    Operand<TFloating> gradient = tf.math.mul(keptP, tf.math.div(byLoss, sum));
    return List.of(tf.tensorScatterNdUpdate(gradient, places, atTarget));
  }

  @SuppressWarnings("unchecked")
  private static <V extends TType> Operand<V> typed(Output<?> output) {
    return (Output<V>) output;
  }
}
