package org.adaptivesoftmax.cluster;

import java.util.Arrays;
import org.adaptivesoftmax.internal.io.Require;

/** Counts of classes by rank, as shares of their sum. */
final class RankedCounts {
  /** At index r the sum of the counts of the first r ranks. */
  private final long[] sums;

  private RankedCounts(long[] sums) {
    this.sums = sums;
  }

  /**
   * The largest count first.
   *
   * @param counts of all classes, in any order
   * @throws IllegalArgumentException if there are fewer than 2, one is negative, or all are 0
   */
  static RankedCounts of(long[] counts) {
    requireCounts(counts);
    long[] ranked = counts.clone();
    Arrays.sort(ranked);
    for (int low = 0, high = ranked.length - 1; low < high; low++, high--) {
      long kept = ranked[low];
      ranked[low] = ranked[high];
      ranked[high] = kept;
    }
    return inOrder(ranked);
  }

  /**
   * The largest count first.
   *
   * @throws IllegalArgumentException as {@link #of(long[])}, or if there are not as many as the plan has classes
   */
  static RankedCounts of(ClusterPlan plan, long[] counts) {
    requireSize(plan, counts);
    return of(counts);
  }

  /**
   * Counts that are in the order of the ranks.
   *
   * @throws IllegalArgumentException as {@link #of(long[])}
   */
  static RankedCounts inOrder(long[] counts) {
    requireCounts(counts);
    long[] sums = new long[counts.length + 1];
    for (int rank = 0; rank < counts.length; rank++) {
      sums[rank + 1] = sums[rank] + counts[rank];
      Require.argument(sums[rank + 1] >= 0, "counts must add up to less than 2^63");
    }
    Require.argument(sums[counts.length] > 0, "counts must not all be 0");
    return new RankedCounts(sums);
  }

  static void requireSize(ClusterPlan plan, long[] counts) {
    Require.argument(
        counts.length == plan.nClasses(),
        "counts must hold nClasses (%d) values: %d",
        plan.nClasses(),
        counts.length);
  }

  private static void requireCounts(long[] counts) {
    Require.argument(counts.length >= 2, "counts must hold at least 2 classes: %s", counts.length);
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] < 0) {
        // Not by Require, which would box every count.
        throw new IllegalArgumentException(
            "counts must not be negative: %d at %d".formatted(counts[i], i));
      }
    }
  }

  int nClasses() {
    return sums.length - 1;
  }

  /** The count of the ranks from {@code start} to before {@code end}. */
  long sum(int start, int end) {
    return sums[end] - sums[start];
  }

  /** The share of the ranks from {@code start} to before {@code end}. */
  double share(int start, int end) {
    return (double) sum(start, end) / sums[sums.length - 1];
  }

  long[] byRank() {
    long[] counts = new long[nClasses()];
    Arrays.setAll(counts, rank -> sum(rank, rank + 1));
    return counts;
  }

  /** The expected cost of the head, then of each tail cluster. */
  double[] costs(ClusterPlan plan, PlanCosts costs) {
    PlanCosts.Clusters of = costs.ofClasses(plan.inFeatures(), byRank());
    double[] clusters = new double[1 + plan.nTails()];
    clusters[0] = of.head(plan.shortlistSize(), plan.nTails());
    for (int tail = 0; tail < plan.nTails(); tail++) {
      clusters[1 + tail] = of.tail(plan.tailStart(tail), plan.tailEnd(tail), plan.tailWidth(tail));
    }
    return clusters;
  }
}
