package org.adaptivesoftmax.export;

import org.adaptivesoftmax.cluster.ClusterPlan;

/** When a model gets the signature {@code head_only}. */
final class HeadOnly {
  private HeadOnly() {}

  /**
   * Whether an answer of the head alone is cheaper than the exact one, and has as many classes.
   *
   * @param k how many classes an answer has
   */
  static boolean isUseful(ClusterPlan plan, int k) {
    return plan.nTails() > 0 && k <= plan.shortlistSize();
  }
}
