package org.adaptivesoftmax.cluster;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Chooses cutoffs from the counts of the classes, so that a training step is expected to cost least (Grave et al.,
 * "Efficient softmax approximation for GPUs", ICML 2017, section 4).
 *
 * <p>{@link CostModel} states the cost. Cutoffs are taken from at most 256 ranks, every rank if there are no more and a
 * geometric sequence otherwise; among those, dynamic programming finds the cheapest plan, the one with fewer tail
 * clusters and then the lower first cutoff if several cost the same. It takes milliseconds.
 *
 * <p>Only time is weighed. A class further down the ranks is scored through a narrower projection, which costs quality;
 * {@link Builder#tails}, {@link Builder#minWidth} and {@link Builder#minShortlistShare} bound how far speed may go.
 *
 * <pre>{@code
 * ClusterPlan plan = CutoffPlanner.builder(256, CostModel.ofBatch(640)).build().plan(counts);
 * }</pre>
 */
public final class CutoffPlanner {
  /** Most tail clusters. */
  public static final int MAX_TAILS = 4;

  private static final int MAX_CANDIDATES = 256;

  private final int inFeatures;
  private final CostModel costs;
  private final double divValue;
  private final int minTails;
  private final int maxTails;
  private final double minShortlistShare;

  private CutoffPlanner(Builder builder, int maxTails) {
    inFeatures = builder.inFeatures;
    costs = builder.costs;
    divValue = builder.divValue;
    minTails = builder.minTails;
    this.maxTails = maxTails;
    minShortlistShare = builder.minShortlistShare;
  }

  /**
   * Settings, each with a default.
   *
   * @param inFeatures width of the input, at least 1
   * @param costs what a step costs
   * @return the settings
   * @throws IllegalArgumentException if {@code inFeatures} is below 1
   */
  public static Builder builder(int inFeatures, CostModel costs) {
    return new Builder(inFeatures, costs);
  }

  /**
   * The cheapest plan.
   *
   * @param counts of all classes, in any order; they are ranked here
   * @return the plan with the least {@link CostModel#expectedCost}
   * @throws IllegalArgumentException if there are no more counts than the least number of tail clusters, one is
   *     negative, all are 0, or {@link Builder#minShortlistShare} leaves too few to the tail clusters
   */
  public ClusterPlan plan(long[] counts) {
    RankedCounts ranked = RankedCounts.of(counts);
    int nClasses = ranked.nClasses();
    Builder.require(
        nClasses > minTails,
        "counts must hold more classes than tail clusters (%d): %d".formatted(minTails, nClasses));
    int[] candidates = candidates(nClasses);
    Cheapest cheapest = new Cheapest(candidates, ranked, minTails);
    for (int tails = minTails + 1; tails <= Math.min(maxTails, candidates.length); tails++) {
      Cheapest other = new Cheapest(candidates, ranked, tails);
      cheapest = other.cost < cheapest.cost ? other : cheapest;
    }
    Builder.require(
        cheapest.cost < Double.POSITIVE_INFINITY,
        "minShortlistShare leaves no class to the tail clusters: " + minShortlistShare);
    return new ClusterPlan(inFeatures, nClasses, cheapest.cutoffs(), divValue);
  }

  /** Increasing ranks in 1..nClasses−1, both ends included. */
  static int[] candidates(int nClasses) {
    int last = nClasses - 1;
    if (last <= MAX_CANDIDATES) {
      return IntStream.rangeClosed(1, last).toArray();
    }
    return IntStream.range(0, MAX_CANDIDATES)
        .map(i -> (int) Math.round(Math.pow(last, i / (MAX_CANDIDATES - 1.0))))
        .distinct()
        .toArray();
  }

  /** The cheapest plan with a given number of tail clusters, found from the last of them to the first. */
  private final class Cheapest {
    private final int[] candidates;
    private final RankedCounts counts;

    /** For each tail cluster but the last, by the candidate where it starts: the one where it ends. */
    private final int[][] ends;

    private final int first;
    final double cost;

    Cheapest(int[] candidates, RankedCounts counts, int tails) {
      this.candidates = candidates;
      this.counts = counts;
      ends = new int[tails - 1][];
      double[] rest =
          Arrays.stream(candidates)
              .mapToDouble(start -> tailCost(tails - 1, start, counts.nClasses()))
              .toArray();
      for (int tail = tails - 2; tail >= 0; tail--) {
        rest = precede(tail, rest);
      }
      int cheapest = 0;
      double least = Double.POSITIVE_INFINITY;
      for (int start = 0; start < candidates.length; start++) {
        double whole = costs.head(inFeatures, candidates[start] + (double) tails) + rest[start];
        if (whole < least && counts.share(0, candidates[start]) >= minShortlistShare) {
          cheapest = start;
          least = whole;
        }
      }
      first = cheapest;
      cost = least;
    }

    /**
     * Puts a tail cluster before the later ones.
     *
     * @param rest the least cost of the later tail clusters, by the candidate where they start
     * @return the same with this tail cluster; infinite where too few candidates follow
     */
    private double[] precede(int tail, double[] rest) {
      double[] costs = new double[rest.length];
      Arrays.fill(costs, Double.POSITIVE_INFINITY);
      ends[tail] = new int[rest.length];
      for (int start = 0; start < rest.length; start++) {
        for (int end = start + 1; end < rest.length; end++) {
          double whole = tailCost(tail, candidates[start], candidates[end]) + rest[end];
          if (whole < costs[start]) {
            costs[start] = whole;
            ends[tail][start] = end;
          }
        }
      }
      return costs;
    }

    private double tailCost(int tail, int start, int end) {
      double width = ClusterPlan.projectionWidth(inFeatures, divValue, tail);
      return costs.tail(inFeatures, width, end - start, counts.share(start, end));
    }

    List<Integer> cutoffs() {
      Integer[] cutoffs = new Integer[ends.length + 1];
      int candidate = first;
      cutoffs[0] = candidates[candidate];
      for (int tail = 0; tail < ends.length; tail++) {
        candidate = ends[tail][candidate];
        cutoffs[tail + 1] = candidates[candidate];
      }
      return List.of(cutoffs);
    }
  }

  /** What a plan may look like. */
  public static final class Builder {
    private final int inFeatures;
    private final CostModel costs;
    private double divValue = ClusterPlan.DEFAULT_DIV_VALUE;
    private int minTails = 1;
    private int maxTails = MAX_TAILS;
    private int minWidth = 1;
    private double minShortlistShare = 0;

    private Builder(int inFeatures, CostModel costs) {
      require(inFeatures >= 1, "inFeatures must be at least 1: " + inFeatures);
      this.inFeatures = inFeatures;
      this.costs = costs;
    }

    /**
     * Factor by which the projections narrow.
     *
     * @param divValue above 0 and finite. Default: {@link ClusterPlan#DEFAULT_DIV_VALUE}
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public Builder divValue(double divValue) {
      require(
          divValue > 0 && !Double.isInfinite(divValue),
          "divValue must be above 0 and finite: " + divValue);
      this.divValue = divValue;
      return this;
    }

    /**
     * Fixes the number of tail clusters.
     *
     * @param tails in 1..{@link #MAX_TAILS}
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public Builder tails(int tails) {
      return tails(tails, tails);
    }

    /**
     * Bounds the number of tail clusters. The upper bound gives way if a tail cluster would be narrower than {@link
     * #minWidth} or there are too few classes; the lower never does.
     *
     * @param min at least 1. Default: 1
     * @param max at most {@link #MAX_TAILS}, and not below {@code min}. Default: {@link #MAX_TAILS}
     * @return this builder
     * @throws IllegalArgumentException if a bound is out of its range
     */
    public Builder tails(int min, int max) {
      require(
          min >= 1 && max <= MAX_TAILS && min <= max,
          "tails must increase within 1..%d: %d to %d".formatted(MAX_TAILS, min, max));
      minTails = min;
      maxTails = max;
      return this;
    }

    /**
     * The narrowest projection that a tail cluster may have.
     *
     * @param minWidth at least 1. Default: 1
     * @return this builder
     * @throws IllegalArgumentException if it is less
     */
    public Builder minWidth(int minWidth) {
      require(minWidth >= 1, "minWidth must be at least 1: " + minWidth);
      this.minWidth = minWidth;
      return this;
    }

    /**
     * The least share of the targets that the shortlist holds: these are scored at full width.
     *
     * @param minShortlistShare at least 0 and below 1. Default: 0
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public Builder minShortlistShare(double minShortlistShare) {
      require(
          minShortlistShare >= 0 && minShortlistShare < 1,
          "minShortlistShare must be at least 0 and below 1: " + minShortlistShare);
      this.minShortlistShare = minShortlistShare;
      return this;
    }

    /**
     * Checks that a plan can fit.
     *
     * @return the planner
     * @throws IllegalArgumentException if no plan can fit: the least number of tail clusters makes the last narrower
     *     than {@link #minWidth}, or wider than an int
     */
    public CutoffPlanner build() {
      int wideEnough = minTails - 1;
      while (wideEnough < maxTails && width(wideEnough) >= minWidth) {
        wideEnough++;
      }
      require(
          wideEnough >= minTails,
          "tail cluster %d would be narrower than minWidth %d: floor(inFeatures %d / divValue %s ^ %d) = %d"
              .formatted(
                  minTails, minWidth, inFeatures, divValue, minTails, (long) width(minTails - 1)));
      require(
          width(wideEnough - 1) <= Integer.MAX_VALUE,
          "divValue makes tail cluster %d too wide: %s".formatted(wideEnough, divValue));
      return new CutoffPlanner(this, wideEnough);
    }

    private double width(int tail) {
      return ClusterPlan.projectionWidth(inFeatures, divValue, tail);
    }

    private static void require(boolean condition, String message) {
      if (!condition) {
        throw new IllegalArgumentException(message);
      }
    }
  }
}
