package org.adaptivesoftmax.lifecycle;

import org.adaptivesoftmax.cluster.ClusterPlan;

/**
 * What a plan is expected to cost if tokens fall into its clusters in these shares: {@code
 * CostModel.ofBatch(640)::expectedCostOfShares} for a training step, or a model of one's own, as of a serving machine.
 */
@FunctionalInterface
public interface ShareCosts {
  /**
   * The expected cost.
   *
   * @param plan the clusters
   * @param shares of the tokens in the head's shortlist, then in each tail cluster; they need not sum to exactly 1
   * @return the cost, above 0, in any unit
   */
  double of(ClusterPlan plan, double[] shares);
}
