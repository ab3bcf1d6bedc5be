package org.adaptivesoftmax.assoftmax;

import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;

/**
 * How many micro-batches AS-Speed sums before an optimizer step: as many as it takes until about as many unfinished rows
 * have been seen as one micro-batch held at first (Lv et al., 2025, arXiv 2508.03175).
 *
 * <p>With B labelled rows in the first micro-batch of a window, m of them finished, the window's accumulation steps are
 *
 * <pre>
 * round(λ B / (B − m)),  a half to the even neighbour; maxSteps where all rows are finished
 * </pre>
 *
 * <p>then at least 1, at least those of the window before, at most one more than those, and at most maxSteps. Before the
 * first window they are 1. Rows without a label count nowhere: in the published reference they do, as rows that are not
 * finished. A micro-batch without any label says nothing, and leaves the steps as they were.
 *
 * @param lambda λ, above 0 and finite
 * @param maxSteps the most accumulation steps, at least 1
 */
public record AccumulationSchedule(double lambda, int maxSteps) {
  /**
   * @throws IllegalArgumentException if λ is not above 0 or not finite, or maxSteps is below 1
   */
  public AccumulationSchedule {
    Require.argument(
        lambda > 0 && Double.isFinite(lambda), "lambda must be above 0 and finite: %s", lambda);
    Require.argument(maxSteps >= 1, "maxSteps must be at least 1: %s", maxSteps);
  }

  /**
   * The accumulation steps of a window.
   *
   * @param previous those of the window before, 1 at first
   * @param labelled B, the labelled rows of its first micro-batch
   * @param finished m, how many of them are finished
   * @throws IllegalArgumentException if previous is not in 1..maxSteps, or finished not in 0..labelled
   */
  public int steps(int previous, long labelled, long finished) {
    Require.argument(
        previous >= 1 && previous <= maxSteps, "previous must be in 1..%d: %d", maxSteps, previous);
    Require.argument(
        finished >= 0 && finished <= labelled,
        "finished must be in 0..%d, the labelled rows: %d",
        labelled,
        finished);
    double wanted = labelled == 0 ? previous : Math.rint(lambda * labelled / (labelled - finished));
    return (int) Math.min(Math.min(Math.max(wanted, previous), previous + 1.0), maxSteps);
  }

  /**
   * The accumulation steps of a window, in the graph.
   *
   * @param tf builds the ops
   * @param previous those of the window before, a scalar
   * @param rows of its first micro-batch
   */
  Operand<TInt64> steps(Ops tf, Operand<TInt64> previous, UnfinishedRows rows) {
    Operand<TFloat64> before = tf.dtypes.cast(previous, TFloat64.class);
    Operand<TFloat64> labelled = tf.dtypes.cast(rows.labelled(), TFloat64.class);
    Operand<TFloat64> finished = tf.dtypes.cast(rows.finished(), TFloat64.class);
    // All finished: a division by 0, so ∞. No label: 0 / 0, taken for 0, which the bounds raise.
    Operand<TFloat64> wanted =
        tf.math.rint(
            tf.math.div(
                tf.math.mul(tf.constant(lambda), labelled), tf.math.sub(labelled, finished)));
    Operand<TFloat64> known = tf.select(tf.math.isNan(wanted), tf.zerosLike(wanted), wanted);
    Operand<TFloat64> most =
        tf.math.minimum(tf.math.add(before, tf.constant(1.0)), tf.constant((double) maxSteps));
    return tf.dtypes.cast(tf.math.minimum(tf.math.maximum(known, before), most), TInt64.class);
  }
}
