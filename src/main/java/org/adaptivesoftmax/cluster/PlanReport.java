package org.adaptivesoftmax.cluster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a plan gives each cluster, and what that is expected to cost: the table to look at before a plan is used.
 *
 * <pre>{@code
 * PlanReport report = PlanReport.of(plan, counts, CostModel.ofBatch(640));
 * for (PlanReport.Cluster cluster : report.clusters()) {
 *   // cluster.size() classes of width cluster.width() cost cluster.costShare() of report.expectedCost()
 * }
 * }</pre>
 *
 * @param plan the plan
 * @param expectedCost what the plan costs, in the unit of the costs that were given: of a training step in
 *     multiply-adds, if they are a {@link CostModel}
 * @param clusters the head, then the tail clusters in order of rank
 */
public record PlanReport(ClusterPlan plan, double expectedCost, List<Cluster> clusters) {
  /**
   * Copies the list.
   *
   * @param plan the plan
   * @param expectedCost what the plan costs, in the unit of the costs that were given
   * @param clusters the head, then the tail clusters in order of rank
   */
  public PlanReport {
    clusters = List.copyOf(clusters);
  }

  /**
   * Reports on a plan.
   *
   * @param plan how the classes are divided
   * @param counts of all classes, in any order; they are ranked here
   * @param costs what a step or a call costs
   * @return the report
   * @throws IllegalArgumentException if there are not {@code plan.nClasses()} counts, one is negative, or all are 0
   */
  public static PlanReport of(ClusterPlan plan, long[] counts, PlanCosts costs) {
    return of(plan, RankedCounts.of(plan, counts), costs);
  }

  /**
   * Reports on a plan whose classes are in an order of their own, as a {@link StablePlan} has it.
   *
   * @param plan how the classes are divided
   * @param countsByRank of all classes, in the order of the plan's ranks
   * @param costs what a step or a call costs
   * @return the report
   * @throws IllegalArgumentException if there are not {@code plan.nClasses()} counts, one is negative, or all are 0
   */
  public static PlanReport inOrder(ClusterPlan plan, long[] countsByRank, PlanCosts costs) {
    RankedCounts.requireSize(plan, countsByRank);
    return of(plan, RankedCounts.inOrder(countsByRank), costs);
  }

  private static PlanReport of(ClusterPlan plan, RankedCounts ranked, PlanCosts costs) {
    double[] ofClusters = ranked.costs(plan, costs);
    double sum = Arrays.stream(ofClusters).sum();
    List<Cluster> clusters = new ArrayList<>();
    for (int i = 0; i <= plan.nTails(); i++) {
      int start = i == 0 ? 0 : plan.tailStart(i - 1);
      int end = i == 0 ? plan.shortlistSize() : plan.tailEnd(i - 1);
      int width = i == 0 ? plan.inFeatures() : plan.tailWidth(i - 1);
      long rows = i == 0 ? plan.headSize() : (long) plan.inFeatures() + plan.tailSize(i - 1);
      clusters.add(
          new Cluster(
              start, end, width, rows * width, ranked.share(start, end), ofClusters[i] / sum));
    }
    return new PlanReport(plan, sum, clusters);
  }

  /** {@return the number of weights of all clusters, biases aside} */
  public long weights() {
    return clusters.stream().mapToLong(Cluster::weights).sum();
  }

  /**
   * The head or a tail cluster.
   *
   * @param start the first rank
   * @param end the first rank after the cluster
   * @param width of the vectors that score its classes: inFeatures in the head, the projection's in a tail cluster
   * @param weights how many the cluster has, biases aside: in the head a row of inFeatures for each class of the
   *     shortlist and for each cluster entry, in a tail cluster the projection and a row of its width for each class
   * @param share of the counts that its classes have, in 0..1; over all clusters the shares sum to 1
   * @param costShare its share of the expected cost, in 0..1; over all clusters the shares sum to 1. The
   *     head scores every row of a batch, whatever its target is
   */
  public record Cluster(
      int start, int end, int width, long weights, double share, double costShare) {
    /** {@return the number of classes; cluster entries are none} */
    public int size() {
      return end - start;
    }
  }
}
