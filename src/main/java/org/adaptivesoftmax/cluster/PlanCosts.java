package org.adaptivesoftmax.cluster;

import java.util.Arrays;

/**
 * What plans are expected to cost, so that they can be compared: {@link CostModel} for a training step, {@link
 * ServingCost} for the top k of a batch, {@link JointCost} for both, and the first two in milliseconds with {@link
 * ProductTimes}. The unit is each model's own.
 *
 * <p>Another machine's costs can be an implementation of one's own. {@link CutoffPlanner} asks for the cost of every
 * tail cluster that could be, up to some two million, and takes the sum of the head and the tail clusters for the cost of
 * a plan: what a cluster costs must not depend on where the later ones end.
 */
public interface PlanCosts {
  /** What the clusters of one layer cost. */
  interface Clusters {
    /**
     * {@return the expected cost of the head}
     *
     * @param shortlist number of classes that it scores
     * @param tails number of cluster entries
     */
    double head(int shortlist, int tails);

    /**
     * {@return the expected cost of a tail cluster}
     *
     * @param start the first rank
     * @param end the first rank after the cluster
     * @param width of its projection
     */
    double tail(int start, int end, int width);
  }

  /**
   * What clusters of these classes cost.
   *
   * @param inFeatures width of the input, at least 1
   * @param countsByRank of all classes, in the order of their ranks, which need not be decreasing
   * @return the costs
   * @throws IllegalArgumentException if there are fewer than 2 counts, one is negative, or all are 0
   */
  Clusters ofClasses(int inFeatures, long[] countsByRank);

  /**
   * The cost of a full softmax over the same classes.
   *
   * @param inFeatures width of the input, at least 1
   * @param nClasses number of classes, at least 2
   * @return the cost
   * @throws IllegalArgumentException if an argument is out of its range
   */
  double fullSoftmaxCost(int inFeatures, int nClasses);

  /**
   * The expected cost of an adaptive softmax.
   *
   * @param plan its clusters
   * @param counts of all classes, in any order; they are ranked here
   * @return the cost; {@link PlanReport} says how it is shared out
   * @throws IllegalArgumentException if there are not {@code plan.nClasses()} counts, one is negative, or all are 0
   */
  default double expectedCost(ClusterPlan plan, long[] counts) {
    return Arrays.stream(RankedCounts.of(plan, counts).costs(plan, this)).sum();
  }
}
