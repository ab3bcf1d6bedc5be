package org.adaptivesoftmax.cluster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.adaptivesoftmax.internal.io.Require;

/**
 * An order of classes renewed from new counts, in which the clusters of its plan are contiguous, and what moved. Within a
 * cluster classes are in order of decreasing count; a rare class of one cluster may be rarer than a frequent one of the
 * next.
 *
 * @param plan the clusters
 * @param order the classes by rank: their ids are their places in the new counts
 * @param migrations classes that were in another cluster, in order of their ids; new classes are none
 * @param cost what the plan is expected to cost, in the unit of the costs that were given, if classes occur as the counts
 *     before and now say together
 */
public record StablePlan(
    ClusterPlan plan, LabelOrder order, List<Migration> migrations, double cost) {
  /**
   * A class that changes cluster. Clusters are counted from 0, the head.
   *
   * @param classId its place in the new counts
   * @param from the cluster so far
   * @param to the new cluster
   */
  public record Migration(int classId, int from, int to) {
    /** {@return whether the class moves to a cluster of more frequent classes} */
    public boolean up() {
      return to < from;
    }
  }

  /**
   * Copies the list.
   *
   * @param plan the clusters
   * @param order the classes by rank
   * @param migrations classes that were in another cluster
   * @param cost what the plan is expected to cost
   */
  public StablePlan {
    migrations = List.copyOf(migrations);
  }

  /**
   * The classes as their counts rank them, without a {@link StabilityRule}.
   *
   * @param previous the plan so far
   * @param previousRanks the rank so far of each class of the new counts; −1 for a new class
   * @param previousCounts the count so far of each class, 0 for a new one; none if they are not known
   * @param counts the new count of each class; classes with the same count are ranked as they come here
   * @param plan the new clusters
   * @param costs what a step or a call costs
   * @return the order and what moves
   * @throws IllegalArgumentException if there are not as many ranks and counts as the plan has classes, two classes had the
   *     same rank, a rank is not one of the previous plan's, a count is negative, or all are 0
   */
  public static StablePlan byRank(
      ClusterPlan previous,
      int[] previousRanks,
      long[] previousCounts,
      long[] counts,
      ClusterPlan plan,
      PlanCosts costs) {
    RankedCounts.requireSize(plan, counts);
    requireRanks(previous, previousRanks, counts.length);
    long[] expected = expected(previousCounts, counts);
    return of(previous, previousRanks, expected, byCount(counts), plan, costs);
  }

  private static void requireRanks(ClusterPlan previous, int[] ranks, int classes) {
    Require.argument(
        ranks.length == classes,
        "previousRanks must hold a rank for each count (%d): %d",
        classes,
        ranks.length);
    boolean[] taken = new boolean[previous.nClasses()];
    for (int rank : ranks) {
      // Not by Require, which would box every rank.
      if (rank < -1 || rank >= taken.length) {
        throw new IllegalArgumentException(
            "previousRanks must be in -1..%d: %d".formatted(taken.length - 1, rank));
      }
      if (rank >= 0) {
        Require.argument(!taken[rank], "previousRanks must be distinct: %d stands twice", rank);
        taken[rank] = true;
      }
    }
  }

  /**
   * What the counts before and now say together of those to come, scaled to the same sum: with these costs are reckoned.
   *
   * @param previousCounts by class; none if they are not known
   */
  static long[] expected(long[] previousCounts, long[] counts) {
    Require.argument(
        previousCounts.length == 0 || previousCounts.length == counts.length,
        "previousCounts must hold a value for each count (%d), or none: %d",
        counts.length,
        previousCounts.length);
    double before = Arrays.stream(previousCounts).sum();
    if (before <= 0) {
      return counts;
    }
    double scale = Arrays.stream(counts).sum() / before;
    long[] expected = new long[counts.length];
    Arrays.setAll(expected, i -> counts[i] + Math.round(scale * previousCounts[i]));
    return expected;
  }

  /**
   * With checked arguments.
   *
   * @param expected counts by class, with which the cost is reckoned
   */
  static StablePlan of(
      ClusterPlan previous,
      int[] previousRanks,
      long[] expected,
      int[] order,
      ClusterPlan plan,
      PlanCosts costs) {
    int[] newCluster = new int[expected.length];
    for (int rank = 0; rank < order.length; rank++) {
      newCluster[order[rank]] = plan.cluster(rank);
    }
    List<Migration> migrations = new ArrayList<>();
    for (int classId = 0; classId < expected.length; classId++) {
      int rank = previousRanks[classId];
      int from = rank < 0 ? newCluster[classId] : previous.cluster(rank);
      if (from != newCluster[classId]) {
        migrations.add(new Migration(classId, from, newCluster[classId]));
      }
    }
    RankedCounts inOrder =
        RankedCounts.inOrder(Arrays.stream(order).mapToLong(id -> expected[id]).toArray());
    return new StablePlan(
        plan,
        LabelOrder.ranked(Arrays.stream(order).asLongStream().toArray()),
        migrations,
        Arrays.stream(inOrder.costs(plan, costs)).sum());
  }

  /** The classes by decreasing count; those with the same count as they come. */
  static int[] byCount(long[] counts) {
    return IntStream.range(0, counts.length)
        .boxed()
        .sorted((a, b) -> Long.compare(counts[b], counts[a]))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
