package org.adaptivesoftmax.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CutoffPlannerTest {
  private static final double[] SOME_DIV_VALUES = {1.5, 2, 4};

  @Property(tries = 100)
  void noPlanThatKeepsTheBoundsIsCheaper(
      @ForAll("counts") long[] counts,
      @ForAll("costs") CostModel costs,
      @ForAll @IntRange(min = 1, max = 6) int minWidth,
      @ForAll @IntRange(min = 1, max = 4) int minTailSize,
      @ForAll("shortlistShares") double minShortlistShare) {
    CutoffPlanner.Builder builder =
        CutoffPlanner.builder(16, costs)
            .divValue(2)
            .tails(1, 3)
            .minWidth(minWidth)
            .minTailSize(minTailSize)
            .minShortlistShare(minShortlistShare);
    List<ClusterPlan> plans = allPlans(counts, 2, 3, minWidth, minTailSize, minShortlistShare);
    if (plans.isEmpty()) {
      assertThatThrownBy(() -> builder.build().plan(counts))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageMatching("(minTailSize|minShortlistShare) leaves no .*");
      return;
    }
    ClusterPlan plan = builder.build().plan(counts);
    assertThat(plans).contains(plan);
    double least = leastCost(costs, plans, counts);
    assertThat(costs.expectedCost(plan, counts)).isCloseTo(least, within(1e-9 * least));
  }

  @Property(tries = 100)
  void noPlanWithinTheExtraCostHasAWiderLastCluster(
      @ForAll("counts") long[] counts,
      @ForAll("costs") CostModel costs,
      @ForAll @IntRange(min = 1, max = 6) int minWidth,
      @ForAll @IntRange(max = 10) int tenthsOfExtraCost) {
    double maxExtraCost = tenthsOfExtraCost / 10.0;
    ClusterPlan plan =
        CutoffPlanner.builder(16, costs)
            .divValues(SOME_DIV_VALUES)
            .minWidth(minWidth)
            .minTailSize(1)
            .maxExtraCost(maxExtraCost)
            .build()
            .plan(counts);
    List<ClusterPlan> cheapestOfEach =
        Arrays.stream(SOME_DIV_VALUES)
            .mapToObj(divValue -> allPlans(counts, divValue, 4, minWidth, 1, 0))
            .filter(plans -> !plans.isEmpty())
            .map(plans -> Collections.min(plans, byCost(costs, counts)))
            .toList();
    double limit = leastCost(costs, cheapestOfEach, counts) * (1 + maxExtraCost);
    double cost = costs.expectedCost(plan, counts);
    assertThat(cost).isLessThanOrEqualTo(limit * (1 + 1e-9));
    for (ClusterPlan other : cheapestOfEach) {
      double otherCost = costs.expectedCost(other, counts);
      if (other.divValue() == plan.divValue()) {
        assertThat(cost).isCloseTo(otherCost, within(1e-9 * otherCost));
      } else if (otherCost < limit * (1 - 1e-9)) {
        assertThat(lastWidth(other)).isLessThanOrEqualTo(lastWidth(plan));
        if (lastWidth(other) == lastWidth(plan)) {
          assertThat(otherCost).isGreaterThanOrEqualTo(cost * (1 - 1e-9));
        }
      }
    }
  }

  @Test
  void rareClassesAreNotStarved() {
    long[] counts = Zipf.counts(50_000);
    CostModel costs = CostModel.ofBatch(640);
    ClusterPlan cheapest =
        CutoffPlanner.builder(128, costs)
            .divValue(4)
            .minWidth(1)
            .minTailSize(1)
            .build()
            .plan(counts);
    assertThat(lastWidth(cheapest)).isEqualTo(2);
    ClusterPlan plan = CutoffPlanner.builder(128, costs).build().plan(counts);
    assertThat(lastWidth(plan)).isGreaterThanOrEqualTo(8);
    assertThat(plan.tailWidth(0)).isGreaterThanOrEqualTo(64);
    assertThat(costs.expectedCost(plan, counts))
        .isLessThan(0.1 * costs.fullSoftmaxCost(128, 50_000));
  }

  @ParameterizedTest
  @CsvSource({
    "128, 50000, 640",
    "128, 50000, 32",
    "256, 63138, 640",
    "1024, 793471, 512",
    "64, 1000, 64",
    "16, 300, 16",
    "9, 40, 8",
    "4, 30, 8",
    "2048, 3000, 32",
  })
  void widthsAndSizesKeepTheirDefaults(int inFeatures, int nClasses, int batchRows) {
    long[] counts = Zipf.counts(nClasses);
    CostModel costs = CostModel.ofBatch(batchRows);
    ClusterPlan plan = CutoffPlanner.builder(inFeatures, costs).build().plan(counts);
    for (int tail = 0; tail < plan.nTails(); tail++) {
      assertThat(plan.tailWidth(tail)).isGreaterThanOrEqualTo(Math.min(8, inFeatures));
      assertThat(plan.tailSize(tail)).isGreaterThanOrEqualTo(Math.min(inFeatures, nClasses / 4));
    }
    double cheapest =
        costs.expectedCost(
            CutoffPlanner.builder(inFeatures, costs).maxExtraCost(0).build().plan(counts), counts);
    assertThat(costs.expectedCost(plan, counts)).isLessThanOrEqualTo(1.25 * cheapest);
  }

  @Test
  void moreExtraCostNeverNarrowsTheLastCluster() {
    long[] counts = Zipf.counts(50_000);
    CutoffPlanner.Builder builder = CutoffPlanner.builder(256, CostModel.ofBatch(640));
    int before = 0;
    for (double maxExtraCost : new double[] {0, 0.1, 0.25, 0.5, 1, 3}) {
      int width = lastWidth(builder.maxExtraCost(maxExtraCost).build().plan(counts));
      assertThat(width).isGreaterThanOrEqualTo(before);
      before = width;
    }
    assertThat(before).isGreaterThan(40);
  }

  @ParameterizedTest
  @CsvSource({"30, 64", "500, 640", "1000, 64"})
  void noTailClusterHoldsAFewClasses(int nClasses, int batchRows) {
    long[] counts = Zipf.counts(nClasses);
    CutoffPlanner.Builder builder =
        CutoffPlanner.builder(256, CostModel.ofBatch(batchRows)).divValue(2);
    assertThat(leastTailSize(builder.build().plan(counts)))
        .isGreaterThanOrEqualTo(Math.min(256, nClasses / 4));
    assertThat(leastTailSize(builder.minTailSize(1).build().plan(counts))).isEqualTo(1);
  }

  @Test
  void theDefaultSizeGivesWayToTailsAndShare() {
    long[] counts = Zipf.counts(1000);
    CutoffPlanner.Builder builder = CutoffPlanner.builder(256, CostModel.ofBatch(64));
    assertThat(builder.tails(4).build().plan(counts).nTails()).isEqualTo(4);
    ClusterPlan plan = builder.tails(2).minShortlistShare(0.99).build().plan(counts);
    assertThat(plan.nTails()).isEqualTo(2);
    assertThat(RankedCounts.of(counts).share(0, plan.shortlistSize())).isGreaterThanOrEqualTo(0.99);
    assertThat(plan.tailSize(0)).isGreaterThanOrEqualTo(10);
  }

  @ParameterizedTest
  @CsvSource({"1, 999", "2, 499", "3, 333", "4, 249"})
  void theLargestSizesThatFitArePlanned(int tails, int size) {
    long[] counts = Zipf.counts(1000);
    ClusterPlan plan =
        CutoffPlanner.builder(256, CostModel.ofBatch(64))
            .tails(tails)
            .minTailSize(size)
            .build()
            .plan(counts);
    for (int tail = 0; tail < tails; tail++) {
      assertThat(plan.tailSize(tail)).isGreaterThanOrEqualTo(size);
    }
  }

  @Test
  void aMillionClassesTakeNoHours() {
    long[] counts = Zipf.counts(1_000_000);
    CutoffPlanner planner = CutoffPlanner.builder(512, CostModel.ofBatch(640)).build();
    ClusterPlan plan = assertTimeout(Duration.ofMinutes(2), () -> planner.plan(counts));
    assertThat(plan.nClasses()).isEqualTo(1_000_000);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void theGridOfManyClassesLosesLittle(int tails) {
    long[] counts = Zipf.counts(60_000);
    CostModel costs = CostModel.ofBatch(640);
    ClusterPlan plan =
        CutoffPlanner.builder(256, costs).divValue(2.2).tails(tails).build().plan(counts);
    assertThat(plan.nTails()).isEqualTo(tails);
    double cost = costs.expectedCost(plan, counts);
    Random random = new Random(5);
    for (int i = 0; i < 300; i++) {
      List<Integer> near =
          plan.cutoffs().stream()
              .map(cutoff -> (int) (cutoff * Math.exp(random.nextGaussian() * 0.2)))
              .map(cutoff -> Math.max(1, Math.min(59_999, cutoff)))
              .distinct()
              .sorted()
              .toList();
      ClusterPlan other = new ClusterPlan(256, 60_000, near, 2.2);
      if (near.size() == tails) {
        assertThat(cost).isLessThan(1.002 * costs.expectedCost(other, counts));
      }
    }
  }

  @Test
  void beatsTheUsualCutoffsOnTheModel() {
    long[] counts = Zipf.counts(267_735);
    CostModel costs = CostModel.ofBatch(1024);
    ClusterPlan usual = ClusterPlan.of(512, 267_735, 20_000, 40_000, 200_000);
    ClusterPlan plan = CutoffPlanner.builder(512, costs).tails(3).build().plan(counts);
    assertThat(costs.expectedCost(plan, counts)).isLessThan(costs.expectedCost(usual, counts));
  }

  @Test
  void theOrderOfTheCountsChangesNothing() {
    long[] counts = Zipf.counts(1000);
    long[] reversed = new long[1000];
    Arrays.setAll(reversed, i -> counts[999 - i]);
    CutoffPlanner planner = CutoffPlanner.builder(64, CostModel.ofBatch(64)).build();
    assertThat(planner.plan(reversed)).isEqualTo(planner.plan(counts));
    assertThat(counts).isEqualTo(Zipf.counts(1000));
  }

  @Test
  void theNumberOfTailsGivesWayToWidthAndClasses() {
    CostModel free = new CostModel(64, 0, 0, 0);
    long[] counts = Zipf.counts(1000);
    CutoffPlanner.Builder four = CutoffPlanner.builder(64, free).divValue(4);
    assertThat(four.minWidth(1).build().plan(counts).nTails()).isEqualTo(3);
    assertThat(four.minWidth(2).build().plan(counts).nTails()).isEqualTo(2);
    assertThat(four.minWidth(16).build().plan(counts).nTails()).isEqualTo(1);
    ClusterPlan two = CutoffPlanner.builder(64, free).build().plan(new long[] {3, 2});
    assertThat(two.cutoffs()).containsExactly(1);
  }

  @Test
  void theShortlistHoldsItsShare() {
    long[] counts = Zipf.counts(1000);
    RankedCounts ranked = RankedCounts.of(counts);
    CutoffPlanner.Builder builder =
        CutoffPlanner.builder(256, CostModel.ofBatch(64)).tails(2).minTailSize(1);
    int before = builder.build().plan(counts).shortlistSize();
    for (double share : new double[] {0.6, 0.8, 0.95}) {
      ClusterPlan plan = builder.minShortlistShare(share).build().plan(counts);
      assertThat(ranked.share(0, plan.shortlistSize())).isGreaterThanOrEqualTo(share);
      assertThat(ranked.share(0, plan.shortlistSize())).isLessThan(share + 0.02);
      assertThat(plan.shortlistSize()).isGreaterThan(before);
    }
    builder.minShortlistShare(0.99999);
    assertRefused(
        () -> builder.build().plan(counts),
        "minShortlistShare leaves no class to the tail clusters: 0.99999");
  }

  @Test
  void aDearClusterMeansFewerOfThem() {
    long[] counts = Zipf.counts(1000);
    CostModel dear = new CostModel(64, 1e12, 1, 1);
    assertThat(CutoffPlanner.builder(256, dear).build().plan(counts).nTails()).isEqualTo(1);
  }

  @Test
  void findsAPlanIfAllClassesAreEquallyFrequentOrOnlyOneOccurs() {
    CutoffPlanner planner = CutoffPlanner.builder(64, CostModel.ofBatch(64)).build();
    long[] equal = new long[500];
    Arrays.fill(equal, 7);
    assertThat(planner.plan(equal).nClasses()).isEqualTo(500);
    long[] one = new long[500];
    one[499] = 1;
    assertThat(planner.plan(one).shortlistSize()).isEqualTo(1);
  }

  @Property(tries = 30)
  void ranksCoverTheClasses(
      @ForAll @IntRange(min = 2, max = 3_000_000) int nClasses,
      @ForAll @IntRange(min = 1, max = 1_000_000) int minTailSize) {
    int[] ranks = CutoffSearch.ranks(nClasses, minTailSize);
    assertThat(ranks).hasSizeLessThanOrEqualTo(261).doesNotHaveDuplicates().isSorted();
    assertThat(ranks[0]).isEqualTo(1);
    assertThat(ranks[ranks.length - 1]).isEqualTo(nClasses);
    if (ranks.length > 2) {
      assertThat(ranks[ranks.length - 2]).isEqualTo(nClasses - 1);
    }
    for (int i = 1; i < ranks.length; i++) {
      assertThat(ranks[i]).isLessThanOrEqualTo((int) (ranks[i - 1] * 1.07) + 1);
    }
  }

  @Test
  void refusesBadArguments() {
    CostModel costs = CostModel.ofBatch(64);
    CutoffPlanner.Builder builder = CutoffPlanner.builder(64, costs);
    assertRefused(() -> CutoffPlanner.builder(0, costs), "inFeatures must be at least 1: 0");
    assertRefused(() -> builder.divValue(0), "divValue must be above 0 and finite: 0.0");
    assertRefused(() -> builder.divValue(Double.NaN), "divValue must be above 0 and finite: NaN");
    assertRefused(() -> builder.tails(0), "tails must increase within 1..4: 0 to 0");
    assertRefused(() -> builder.tails(2, 5), "tails must increase within 1..4: 2 to 5");
    assertRefused(() -> builder.tails(3, 2), "tails must increase within 1..4: 3 to 2");
    assertRefused(
        () -> builder.minShortlistShare(1),
        "minShortlistShare must be at least 0 and below 1: 1.0");
    assertRefused(() -> builder.minWidth(0), "minWidth must be at least 1: 0");
    assertRefused(() -> builder.minTailSize(0), "minTailSize must be at least 1: 0");
    assertRefused(
        () -> builder.maxExtraCost(-0.1), "maxExtraCost must be at least 0 and finite: -0.1");
    assertRefused(
        () -> builder.maxExtraCost(Double.POSITIVE_INFINITY),
        "maxExtraCost must be at least 0 and finite: Infinity");
    assertRefused(() -> builder.divValues(), "divValues must hold at least one value: []");
    assertRefused(() -> builder.divValues(2, -1), "divValue must be above 0 and finite: -1.0");
    assertRefused(
        () -> CutoffPlanner.builder(3, costs).divValue(4).build(),
        "tail cluster 1 would be narrower than minWidth 3: floor(inFeatures 3 / divValue 4.0 ^ 1) = 0");
    assertRefused(
        () -> CutoffPlanner.builder(16, costs).divValues(8, 4).build(),
        "tail cluster 1 would be narrower than minWidth 8: floor(inFeatures 16 / divValue 4.0 ^ 1) = 4");
    assertRefused(
        () -> CutoffPlanner.builder(64, costs).divValue(4).tails(3).minWidth(2).build(),
        "tail cluster 3 would be narrower than minWidth 2: floor(inFeatures 64 / divValue 4.0 ^ 3) = 1");
    assertRefused(
        () -> CutoffPlanner.builder(64, costs).divValue(1e-3).build(),
        "divValue makes tail cluster 3 too wide: 0.001");
    CutoffPlanner planner = builder.tails(2).minWidth(1).divValue(4).build();
    assertRefused(() -> planner.plan(new long[] {5}), "counts must hold at least 2 classes: 1");
    assertRefused(
        () -> planner.plan(new long[] {5, 4}),
        "counts must hold more classes than tail clusters (2): 2");
    assertRefused(
        () -> builder.minTailSize(3).build().plan(new long[] {6, 5, 4, 3, 2, 1}),
        "minTailSize leaves no plan of 6 classes with 2 tail clusters and minShortlistShare 0.0: 3");
    assertRefused(() -> planner.plan(new long[3]), "counts must not all be 0");
    assertRefused(
        () -> planner.plan(new long[] {1, -1, 1}), "counts must not be negative: -1 at 1");
  }

  @Provide
  Arbitrary<long[]> counts() {
    return Arbitraries.longs()
        .between(0, 1000)
        .array(long[].class)
        .ofMinSize(2)
        .ofMaxSize(12)
        .filter(counts -> Arrays.stream(counts).sum() > 0);
  }

  @Provide
  Arbitrary<CostModel> costs() {
    return Combinators.combine(
            Arbitraries.integers().between(1, 40),
            Arbitraries.integers().between(0, 400),
            Arbitraries.integers().between(0, 30),
            Arbitraries.integers().between(0, 30))
        .as(CostModel::new);
  }

  @Provide
  Arbitrary<Double> shortlistShares() {
    return Arbitraries.of(0.0, 0.3, 0.8, 0.97);
  }

  /** Every plan with 16 features that keeps the bounds. */
  private static List<ClusterPlan> allPlans(
      long[] counts,
      double divValue,
      int maxTails,
      int minWidth,
      int minTailSize,
      double minShortlistShare) {
    int nClasses = counts.length;
    RankedCounts ranked = RankedCounts.of(counts);
    List<ClusterPlan> plans = new ArrayList<>();
    for (int chosen = 1; chosen < 1 << (nClasses - 1); chosen++) {
      int tails = Integer.bitCount(chosen);
      if (tails <= maxTails && ClusterPlan.projectionWidth(16, divValue, tails - 1) >= minWidth) {
        List<Integer> cutoffs = new ArrayList<>();
        for (int cutoff = 1; cutoff < nClasses; cutoff++) {
          if ((chosen >> (cutoff - 1) & 1) == 1) {
            cutoffs.add(cutoff);
          }
        }
        ClusterPlan plan = new ClusterPlan(16, nClasses, cutoffs, divValue);
        if (IntStream.range(0, tails).allMatch(tail -> plan.tailSize(tail) >= minTailSize)
            && ranked.share(0, plan.shortlistSize()) >= minShortlistShare) {
          plans.add(plan);
        }
      }
    }
    return plans;
  }

  private static Comparator<ClusterPlan> byCost(CostModel costs, long[] counts) {
    return Comparator.comparingDouble(plan -> costs.expectedCost(plan, counts));
  }

  private static double leastCost(CostModel costs, List<ClusterPlan> plans, long[] counts) {
    return costs.expectedCost(Collections.min(plans, byCost(costs, counts)), counts);
  }

  private static int leastTailSize(ClusterPlan plan) {
    return IntStream.range(0, plan.nTails()).map(plan::tailSize).min().orElseThrow();
  }

  private static int lastWidth(ClusterPlan plan) {
    return plan.tailWidth(plan.nTails() - 1);
  }

  private static void assertRefused(Runnable call, String message) {
    assertThatThrownBy(call::run).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }
}
