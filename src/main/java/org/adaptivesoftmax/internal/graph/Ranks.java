package org.adaptivesoftmax.internal.graph;

import org.adaptivesoftmax.cluster.ClusterPlan;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/** Where a plan puts ranks. */
public final class Ranks {
  private Ranks() {}

  /** Where the head scores a rank: at itself in the shortlist, else at its tail cluster's entry. */
  public static Operand<TInt32> inHead(Ops tf, ClusterPlan plan, Operand<TInt32> ranks) {
    if (plan.nTails() == 0) {
      return ranks;
    }
    Operand<TInt32> place = tf.math.minimum(ranks, tf.constant(plan.shortlistSize()));
    for (int tail = 1; tail < plan.nTails(); tail++) {
      Operand<TBool> beyond = tf.math.greaterEqual(ranks, tf.constant(plan.tailStart(tail)));
      place = tf.math.add(place, tf.dtypes.cast(beyond, TInt32.class));
    }
    return place;
  }

  /** Which of the ranks are in {@code start}..{@code end}−1. */
  public static Operand<TBool> between(Ops tf, Operand<TInt32> ranks, int start, int end) {
    return tf.math.logicalAnd(
        tf.math.greaterEqual(ranks, tf.constant(start)), tf.math.less(ranks, tf.constant(end)));
  }

  /** The rows whose ranks are in {@code start}..{@code end}−1, in increasing order. */
  public static Operand<TInt64> rowsBetween(Ops tf, Operand<TInt32> ranks, int start, int end) {
    return Rows.where(tf, between(tf, ranks, start, end));
  }
}
