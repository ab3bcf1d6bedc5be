package org.adaptivesoftmax.cluster;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The cheapest cutoffs for given widths of the tail clusters.
 *
 * <p>Cutoffs are taken from at most {@value #MAX_RANKS} ranks and a few at the end: every rank if there are no more, a
 * geometric sequence otherwise. Among those the result is exact: dynamic programming from the last tail cluster to the
 * first. What the tail clusters of a width cost is found once, however many plans have one.
 */
final class CutoffSearch {
  static final int MAX_RANKS = 256;

  private final PlanCosts.Clusters costs;
  private final RankedCounts counts;
  private final int minTailSize;
  private final double minShortlistShare;

  /** Where a tail cluster may start, and {@code nClasses}, where the last one ends. */
  private final int[] ranks;

  /** By width, then by the indices in {@link #ranks} where a tail cluster starts and ends: what it costs. */
  private final Map<Integer, double[][]> tailCosts = new HashMap<>();

  /**
   * Prepares the search.
   *
   * @param minTailSize the fewest classes of a tail cluster
   * @param minShortlistShare the least share of the counts before the first cutoff
   */
  CutoffSearch(
      int inFeatures,
      PlanCosts costs,
      RankedCounts counts,
      int minTailSize,
      double minShortlistShare) {
    this.costs = costs.ofClasses(inFeatures, counts.byRank());
    this.counts = counts;
    this.minTailSize = minTailSize;
    this.minShortlistShare = minShortlistShare;
    ranks = ranks(counts.nClasses(), minTailSize);
  }

  /**
   * Increasing ranks in 1..nClasses−1, both ends included, then {@code nClasses}.
   *
   * <p>With those of tail clusters of the least size at the end: if there is a plan at all, there is one on these ranks.
   */
  static int[] ranks(int nClasses, int minTailSize) {
    int last = nClasses - 1;
    if (last <= MAX_RANKS) {
      return IntStream.rangeClosed(1, nClasses).toArray();
    }
    IntStream spread =
        IntStream.range(0, MAX_RANKS)
            .map(i -> (int) Math.round(Math.pow(last, i / (MAX_RANKS - 1.0))));
    IntStream smallest =
        IntStream.rangeClosed(1, CutoffPlanner.MAX_TAILS)
            .mapToLong(tails -> nClasses - (long) tails * minTailSize)
            .filter(rank -> rank >= 1)
            .mapToInt(rank -> (int) rank);
    return IntStream.concat(IntStream.concat(spread, smallest), IntStream.of(nClasses))
        .sorted()
        .distinct()
        .toArray();
  }

  /**
   * Cutoffs and their cost.
   *
   * @param cutoffs empty if no cutoffs keep the bounds
   * @param cost infinite if there are none
   */
  record Found(List<Integer> cutoffs, double cost) {}

  /**
   * The cheapest cutoffs; if several cost the same, those with the lowest first one.
   *
   * @param widths of the tail clusters, at least one
   */
  Found cheapest(int... widths) {
    int tails = widths.length;
    int starts = ranks.length - 1;
    // For each tail cluster but the last, by the index where it starts: the one where it ends.
    int[][] ends = new int[tails - 1][starts];
    double[] rest = new double[starts];
    double[][] last = tailCosts(widths[tails - 1]);
    Arrays.setAll(rest, start -> last[start][starts]);
    for (int tail = tails - 2; tail >= 0; tail--) {
      rest = precede(tailCosts(widths[tail]), rest, ends[tail]);
    }
    int first = -1;
    double least = Double.POSITIVE_INFINITY;
    for (int start = 0; start < starts; start++) {
      double whole = costs.head(ranks[start], tails) + rest[start];
      if (whole < least && counts.share(0, ranks[start]) >= minShortlistShare) {
        first = start;
        least = whole;
      }
    }
    return new Found(first < 0 ? List.of() : cutoffs(first, ends), least);
  }

  /**
   * Puts a tail cluster before the later ones.
   *
   * @param ofTail what it costs, by the indices where it starts and ends
   * @param rest the least cost of the later tail clusters, by the index where they start
   * @param ends takes, by the index where this tail cluster starts, the one where it ends
   * @return the same with this tail cluster; infinite where the later ones do not fit
   */
  private static double[] precede(double[][] ofTail, double[] rest, int[] ends) {
    double[] whole = new double[rest.length];
    Arrays.fill(whole, Double.POSITIVE_INFINITY);
    for (int start = 0; start < rest.length; start++) {
      for (int end = start + 1; end < rest.length; end++) {
        double cost = ofTail[start][end] + rest[end];
        if (cost < whole[start]) {
          whole[start] = cost;
          ends[start] = end;
        }
      }
    }
    return whole;
  }

  private double[][] tailCosts(int width) {
    return tailCosts.computeIfAbsent(width, this::allTailCosts);
  }

  private double[][] allTailCosts(int width) {
    double[][] all = new double[ranks.length - 1][ranks.length];
    for (int start = 0; start < all.length; start++) {
      for (int end = start + 1; end < ranks.length; end++) {
        all[start][end] =
            ranks[end] - ranks[start] < minTailSize
                ? Double.POSITIVE_INFINITY
                : costs.tail(ranks[start], ranks[end], width);
      }
    }
    return all;
  }

  private List<Integer> cutoffs(int first, int[][] ends) {
    Integer[] cutoffs = new Integer[ends.length + 1];
    int start = first;
    cutoffs[0] = ranks[start];
    for (int tail = 0; tail < ends.length; tail++) {
      start = ends[tail][start];
      cutoffs[tail + 1] = ranks[start];
    }
    return List.of(cutoffs);
  }
}
