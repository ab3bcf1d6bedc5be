package org.adaptivesoftmax.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One application of a {@link StabilityRule}. */
final class Renewal {
  private final ClusterPlan previous;
  private final int[] previousRanks;
  private final long[] counts;
  private final long[] expected;
  private final PlanCosts costs;

  /** The classes by decreasing count. */
  private final int[] byCount;

  /**
   * @param expected counts with which costs are reckoned
   */
  Renewal(
      ClusterPlan previous, int[] previousRanks, long[] expected, long[] counts, PlanCosts costs) {
    this.previous = previous;
    this.previousRanks = previousRanks;
    this.expected = expected;
    this.counts = counts;
    this.costs = costs;
    this.byCount = StablePlan.byCount(counts);
  }

  /** The previous plan with the new number of classes, if its last tail cluster has one of them. */
  Optional<ClusterPlan> unchanged() {
    int tails = previous.nTails();
    return tails > 0 && previous.tailStart(tails - 1) >= counts.length
        ? Optional.empty()
        : Optional.of(
            new ClusterPlan(
                previous.inFeatures(), counts.length, previous.cutoffs(), previous.divValue()));
  }

  /** A plan with the classes ranked by their counts. */
  StablePlan ranked(ClusterPlan plan) {
    return StablePlan.of(previous, previousRanks, expected, byCount, plan, costs);
  }

  /**
   * Keeps classes in their cluster that are not far enough from its end.
   *
   * @param base the cutoffs, as many as before
   * @return the order and its plan; empty if it would leave a cluster empty
   */
  Optional<StablePlan> keeping(ClusterPlan base, double deviations) {
    List<List<Integer>> clusters = new ArrayList<>();
    for (int cluster = 0; cluster <= base.nTails(); cluster++) {
      clusters.add(new ArrayList<>());
    }
    double[] ends = ends(base);
    for (int rank = 0; rank < byCount.length; rank++) {
      int classId = byCount[rank];
      int ranked = base.cluster(rank);
      int before = previousRanks[classId];
      int kept = before < 0 ? ranked : previous.cluster(before);
      clusters
          .get(keeps(counts[classId], kept, ranked, ends, deviations) ? kept : ranked)
          .add(classId);
    }
    List<Integer> cutoffs = new ArrayList<>();
    List<Integer> order = new ArrayList<>();
    for (List<Integer> cluster : clusters) {
      if (cluster.isEmpty()) {
        return Optional.empty();
      }
      order.addAll(cluster);
      cutoffs.add(order.size());
    }
    ClusterPlan plan =
        new ClusterPlan(
            base.inFeatures(), counts.length, cutoffs.subList(0, base.nTails()), base.divValue());
    int[] ordered = order.stream().mapToInt(Integer::intValue).toArray();
    return Optional.of(StablePlan.of(previous, previousRanks, expected, ordered, plan, costs));
  }

  /** The count at which each cluster but the last ends: the mean of the two at the cutoff. */
  private double[] ends(ClusterPlan base) {
    return base.cutoffs().stream()
        .mapToDouble(cutoff -> (counts[byCount[cutoff - 1]] + counts[byCount[cutoff]]) / 2.0)
        .toArray();
  }

  private static boolean keeps(long count, int kept, int ranked, double[] ends, double deviations) {
    if (kept == ranked) {
      return true;
    }
    double end = ranked < kept ? ends[kept - 1] : ends[kept];
    return Math.abs(count - end) <= deviations * Math.sqrt(end);
  }
}
