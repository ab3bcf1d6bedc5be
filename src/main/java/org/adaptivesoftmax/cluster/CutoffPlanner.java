package org.adaptivesoftmax.cluster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.adaptivesoftmax.internal.io.Require;
import org.jspecify.annotations.Nullable;

/**
 * Chooses cutoffs and divValue from the counts of the classes.
 *
 * <p><b>What is traded.</b> A training step gets cheaper if fewer classes are in the head and if the tail clusters are
 * narrower ({@link CostModel} states the cost, {@link ServingCost} that of a top k; Grave et al., "Efficient softmax approximation for GPUs", ICML 2017,
 * section 4). But a class is told apart from the others of its cluster by a vector of the cluster's width, and rare
 * classes, which have the narrowest, are predicted worse the narrower it is. Cost alone would always ask for the
 * narrowest clusters, as nearly all classes are rare and nearly no target is. Three bounds stand against that:
 *
 * <ul>
 *   <li>No tail cluster is narrower than {@link Builder#minWidth}.
 *   <li>For each divValue there is a cheapest plan. Of those whose expected cost is at most 1 + {@link
 *       Builder#maxExtraCost} times that of the cheapest of all, the one with the widest last tail cluster is taken, the
 *       cheaper one of two that are equally wide: the most capacity for the rarest classes that this cost buys.
 *   <li>No tail cluster has fewer classes than {@link Builder#minTailSize}.
 * </ul>
 *
 * <p>A narrow last cluster is worth a look before it is used: {@link PlanReport} has each cluster's size, width, share of
 * the targets and share of the cost. If rare classes matter more than time, as where each is an item to recommend, raise
 * {@code minWidth} or {@code maxExtraCost}. If only time matters, {@code maxExtraCost(0)} with a low {@code minWidth}
 * gives the cheapest plan of all.
 *
 * <p><b>How it is found.</b> Cutoffs are taken from some 256 ranks, every rank if there are no more and a geometric
 * sequence otherwise. Among those the plans are exact, by dynamic programming: for each divValue the cheapest plan, and
 * of several that cost the same the one with fewer tail clusters and then the lower first cutoff.
 *
 * <pre>{@code
 * ClusterPlan plan = CutoffPlanner.builder(256, CostModel.ofBatch(640)).build().plan(counts);
 * }</pre>
 */
public final class CutoffPlanner {
  /** Most tail clusters. */
  public static final int MAX_TAILS = 4;

  /**
   * The values of divValue among which a planner chooses unless some are given. PyTorch's default, and the choice of
   * Baevski and Auli ("Adaptive input representations for neural language modeling", ICLR 2019), is 4.
   */
  public static final List<Double> DIV_VALUES =
      List.of(1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0);

  /** Default of {@link Builder#minWidth}. */
  public static final int DEFAULT_MIN_WIDTH = 8;

  /** Default of {@link Builder#maxExtraCost}: as much as the cost model itself is off on average. */
  public static final double DEFAULT_MAX_EXTRA_COST = 0.25;

  private final int inFeatures;
  private final PlanCosts costs;
  private final List<Narrowing> narrowings;
  private final int minTails;
  private final @Nullable Integer minTailSize;
  private final double minShortlistShare;
  private final double maxExtraCost;

  private CutoffPlanner(Builder builder, List<Narrowing> narrowings) {
    inFeatures = builder.inFeatures;
    costs = builder.costs;
    this.narrowings = narrowings;
    minTails = builder.minTails;
    minTailSize = builder.minTailSize;
    minShortlistShare = builder.minShortlistShare;
    maxExtraCost = builder.maxExtraCost;
  }

  /**
   * Settings, each with a default.
   *
   * @param inFeatures width of the input, at least 1
   * @param costs what a step or a call costs
   * @return the settings
   * @throws IllegalArgumentException if {@code inFeatures} is below 1
   */
  public static Builder builder(int inFeatures, PlanCosts costs) {
    return new Builder(inFeatures, costs);
  }

  /**
   * Chooses a plan.
   *
   * @param counts of all classes, in any order; they are ranked here
   * @return the plan
   * @throws IllegalArgumentException if there are no more counts than the least number of tail clusters, one is
   *     negative, all are 0, or {@link Builder#minShortlistShare} and {@link Builder#minTailSize} leave too few classes
   *     to the tail clusters
   */
  public ClusterPlan plan(long[] counts) {
    RankedCounts ranked = RankedCounts.of(counts);
    Require.argument(
        ranked.nClasses() > minTails,
        "counts must hold more classes than tail clusters (%d): %d",
        minTails,
        ranked.nClasses());
    CutoffSearch search =
        new CutoffSearch(inFeatures, costs, ranked, tailSize(ranked), minShortlistShare);
    List<Choice> choices = narrowings.stream().map(n -> cheapest(search, n)).toList();
    double least = choices.stream().mapToDouble(Choice::cost).min().orElseThrow();
    Choice chosen =
        choices.stream()
            .filter(choice -> choice.cost <= least * (1 + maxExtraCost))
            .min(Comparator.comparing(Choice::lastWidth).reversed().thenComparing(Choice::cost))
            .orElseThrow();
    return new ClusterPlan(inFeatures, ranked.nClasses(), chosen.cutoffs, chosen.divValue);
  }

  /** The fewest classes of a tail cluster, with which there is a plan. */
  private int tailSize(RankedCounts ranked) {
    Require.argument(
        fits(1, ranked),
        "minShortlistShare leaves no class to the tail clusters: %s",
        minShortlistShare);
    if (minTailSize != null) {
      Require.argument(
          fits(minTailSize, ranked),
          "minTailSize leaves no plan of %d classes with %d tail clusters and minShortlistShare %s: %d",
          ranked.nClasses(),
          minTails,
          minShortlistShare,
          minTailSize);
      return minTailSize;
    }
    int size = Math.max(1, Math.min(inFeatures, ranked.nClasses() / 4));
    while (!fits(size, ranked)) {
      size /= 2;
    }
    return size;
  }

  /** Whether the last classes make the least number of tail clusters of that size. */
  private boolean fits(int size, RankedCounts ranked) {
    long shortlist = ranked.nClasses() - (long) minTails * size;
    return shortlist >= 1 && ranked.share(0, (int) shortlist) >= minShortlistShare;
  }

  private Choice cheapest(CutoffSearch search, Narrowing narrowing) {
    int[] widths = narrowing.widths;
    CutoffSearch.Found cheapest = search.cheapest(Arrays.copyOf(widths, minTails));
    for (int tails = minTails + 1; tails <= widths.length; tails++) {
      CutoffSearch.Found other = search.cheapest(Arrays.copyOf(widths, tails));
      cheapest = other.cost() < cheapest.cost() ? other : cheapest;
    }
    List<Integer> cutoffs = cheapest.cutoffs();
    return new Choice(narrowing.divValue, cutoffs, widths[cutoffs.size() - 1], cheapest.cost());
  }

  /** The cheapest plan of a divValue. */
  private record Choice(double divValue, List<Integer> cutoffs, int lastWidth, double cost) {}

  /** A divValue and the widths of the tail clusters that it makes. */
  private static final class Narrowing {
    private final double divValue;
    private final int[] widths;

    Narrowing(double divValue, int[] widths) {
      this.divValue = divValue;
      this.widths = widths;
    }
  }

  /** What a plan may look like. */
  public static final class Builder {
    private final int inFeatures;
    private final PlanCosts costs;
    private List<Double> divValues = List.of();
    private int minTails = 1;
    private int maxTails = MAX_TAILS;
    private int minWidth = DEFAULT_MIN_WIDTH;
    private @Nullable Integer minTailSize;
    private double minShortlistShare = 0;
    private double maxExtraCost = DEFAULT_MAX_EXTRA_COST;

    private Builder(int inFeatures, PlanCosts costs) {
      Require.argument(inFeatures >= 1, "inFeatures must be at least 1: %s", inFeatures);
      this.inFeatures = inFeatures;
      this.costs = costs;
    }

    /**
     * Fixes the factor by which the projections narrow. The plan is then the cheapest with this divValue.
     *
     * @param divValue above 0 and finite. Default: the planner chooses
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public Builder divValue(double divValue) {
      return divValues(divValue);
    }

    /**
     * The factors by which the projections may narrow: the planner chooses one of them, as the class describes.
     *
     * @param divValues at least one, each above 0 and finite. Default: {@link CutoffPlanner#DIV_VALUES}, or 1 where
     *     inFeatures is so small that each of those makes the tail clusters narrower than {@link #minWidth}
     * @return this builder
     * @throws IllegalArgumentException if there is none, or one is not
     */
    public Builder divValues(double... divValues) {
      Require.argument(divValues.length > 0, "divValues must hold at least one value: []");
      for (double divValue : divValues) {
        Require.argument(
            divValue > 0 && !Double.isInfinite(divValue),
            "divValue must be above 0 and finite: %s",
            divValue);
      }
      this.divValues = Arrays.stream(divValues).boxed().toList();
      return this;
    }

    /**
     * How much more than the cheapest plan another one may cost so that the rarest classes are wider.
     *
     * @param maxExtraCost as a share of the cheapest plan's expected cost, at least 0 and finite; 0 takes the cheapest
     *     plan. Default: {@link CutoffPlanner#DEFAULT_MAX_EXTRA_COST}
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public Builder maxExtraCost(double maxExtraCost) {
      Require.argument(
          maxExtraCost >= 0 && !Double.isInfinite(maxExtraCost),
          "maxExtraCost must be at least 0 and finite: %s",
          maxExtraCost);
      this.maxExtraCost = maxExtraCost;
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
      Require.argument(
          min >= 1 && max <= MAX_TAILS && min <= max,
          "tails must increase within 1..%d: %d to %d",
          MAX_TAILS,
          min,
          max);
      minTails = min;
      maxTails = max;
      return this;
    }

    /**
     * The narrowest projection that a tail cluster may have. It keeps rare classes from being starved: in 2 dimensions
     * tens of thousands of classes cannot be told apart.
     *
     * @param minWidth at least 1; inFeatures counts if it is less. Default: {@link CutoffPlanner#DEFAULT_MIN_WIDTH}
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder minWidth(int minWidth) {
      Require.argument(minWidth >= 1, "minWidth must be at least 1: %s", minWidth);
      this.minWidth = minWidth;
      return this;
    }

    /**
     * The fewest classes that a tail cluster may have.
     *
     * @param minTailSize at least 1. Default: inFeatures, or a quarter of the classes if that is less, and halved as
     *     often as it takes to meet the least number of {@link #tails(int, int)} and {@link #minShortlistShare}. With
     *     fewer classes than inFeatures a tail cluster of half the width has more weights, with its projection, than the
     *     same classes have in the head
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder minTailSize(int minTailSize) {
      Require.argument(minTailSize >= 1, "minTailSize must be at least 1: %s", minTailSize);
      this.minTailSize = minTailSize;
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
      Require.argument(
          minShortlistShare >= 0 && minShortlistShare < 1,
          "minShortlistShare must be at least 0 and below 1: %s",
          minShortlistShare);
      this.minShortlistShare = minShortlistShare;
      return this;
    }

    /**
     * Checks that a plan can fit.
     *
     * @return the planner
     * @throws IllegalArgumentException if no plan can fit: with each given divValue the least number of tail clusters
     *     makes the last narrower than {@link #minWidth}, or one makes a tail cluster wider than an int
     */
    public CutoffPlanner build() {
      List<Narrowing> narrowings = narrowings(divValues.isEmpty() ? DIV_VALUES : divValues);
      if (narrowings.isEmpty() && divValues.isEmpty()) {
        narrowings = narrowings(List.of(1.0));
      }
      if (narrowings.isEmpty()) {
        double widest = divValues.stream().min(Comparator.naturalOrder()).orElseThrow();
        throw new IllegalArgumentException(
            "tail cluster %d would be narrower than minWidth %d: floor(inFeatures %d / divValue %s ^ %d) = %d"
                .formatted(
                    minTails,
                    leastWidth(),
                    inFeatures,
                    widest,
                    minTails,
                    (long) width(widest, minTails - 1)));
      }
      return new CutoffPlanner(this, narrowings);
    }

    /** Those that leave the least number of tail clusters wide enough. */
    private List<Narrowing> narrowings(List<Double> divValues) {
      List<Narrowing> narrowings = new ArrayList<>();
      for (double divValue : divValues) {
        int[] widths = widths(divValue);
        if (widths.length >= minTails) {
          narrowings.add(new Narrowing(divValue, widths));
        }
      }
      return narrowings;
    }

    /** The widths of the most tail clusters that are wide enough. */
    private int[] widths(double divValue) {
      int[] widths = new int[maxTails];
      int tails = 0;
      while (tails < maxTails && width(divValue, tails) >= leastWidth()) {
        double width = width(divValue, tails);
        Require.argument(
            width <= Integer.MAX_VALUE,
            "divValue makes tail cluster %d too wide: %s",
            tails + 1,
            divValue);
        widths[tails++] = (int) width;
      }
      return Arrays.copyOf(widths, tails);
    }

    private double width(double divValue, int tail) {
      return ClusterPlan.projectionWidth(inFeatures, divValue, tail);
    }

    private int leastWidth() {
      return Math.min(minWidth, inFeatures);
    }
  }
}
