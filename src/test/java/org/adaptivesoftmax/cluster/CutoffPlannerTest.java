package org.adaptivesoftmax.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CutoffPlannerTest {
  @Property(tries = 60)
  void noPlanIsCheaper(
      @ForAll("counts") long[] counts,
      @ForAll @IntRange(min = 1, max = 40) int batchRows,
      @ForAll @IntRange(max = 400) int perCluster,
      @ForAll @IntRange(max = 30) int perLogit,
      @ForAll @IntRange(max = 30) int perWeight) {
    CostModel costs = new CostModel(batchRows, perCluster, perLogit, perWeight);
    int maxTails = Math.min(3, counts.length - 1);
    ClusterPlan plan =
        CutoffPlanner.builder(16, costs).divValue(2).tails(1, maxTails).build().plan(counts);
    double least =
        allPlans(counts.length, maxTails).stream()
            .mapToDouble(other -> costs.expectedCost(other, counts))
            .min()
            .orElseThrow();
    assertThat(costs.expectedCost(plan, counts)).isCloseTo(least, within(1e-9 * least));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void theGridOfManyClassesLosesLittle(int tails) {
    long[] counts = Zipf.counts(60_000);
    CostModel costs = CostModel.ofBatch(640);
    ClusterPlan plan = CutoffPlanner.builder(256, costs).tails(tails).build().plan(counts);
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
      ClusterPlan other = new ClusterPlan(256, 60_000, near, 4.0);
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
    assertThat(CutoffPlanner.builder(64, free).build().plan(counts).nTails()).isEqualTo(3);
    assertThat(CutoffPlanner.builder(64, free).minWidth(2).build().plan(counts).nTails())
        .isEqualTo(2);
    assertThat(CutoffPlanner.builder(64, free).minWidth(16).build().plan(counts).nTails())
        .isEqualTo(1);
    ClusterPlan two = CutoffPlanner.builder(64, free).build().plan(new long[] {3, 2});
    assertThat(two.cutoffs()).containsExactly(1);
  }

  @Test
  void theShortlistHoldsItsShare() {
    long[] counts = Zipf.counts(1000);
    RankedCounts ranked = RankedCounts.of(counts);
    CutoffPlanner.Builder builder = CutoffPlanner.builder(256, CostModel.ofBatch(64)).tails(2);
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
  void candidatesCoverTheRanks(@ForAll @IntRange(min = 2, max = 3_000_000) int nClasses) {
    int[] candidates = CutoffPlanner.candidates(nClasses);
    assertThat(candidates).hasSizeLessThanOrEqualTo(256).doesNotHaveDuplicates().isSorted();
    assertThat(candidates[0]).isEqualTo(1);
    assertThat(candidates[candidates.length - 1]).isEqualTo(nClasses - 1);
    for (int i = 1; i < candidates.length; i++) {
      assertThat(candidates[i]).isLessThanOrEqualTo((int) (candidates[i - 1] * 1.07) + 1);
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
    assertRefused(
        () -> CutoffPlanner.builder(3, costs).build(),
        "tail cluster 1 would be narrower than minWidth 1: floor(inFeatures 3 / divValue 4.0 ^ 1) = 0");
    assertRefused(
        () -> CutoffPlanner.builder(64, costs).tails(3).minWidth(2).build(),
        "tail cluster 3 would be narrower than minWidth 2: floor(inFeatures 64 / divValue 4.0 ^ 3) = 1");
    assertRefused(
        () -> CutoffPlanner.builder(64, costs).divValue(1e-3).build(),
        "divValue makes tail cluster 4 too wide: 0.001");
    CutoffPlanner planner = builder.tails(2).minWidth(1).divValue(4).build();
    assertRefused(() -> planner.plan(new long[] {5}), "counts must hold at least 2 classes: 1");
    assertRefused(
        () -> planner.plan(new long[] {5, 4}),
        "counts must hold more classes than tail clusters (2): 2");
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

  private static List<ClusterPlan> allPlans(int nClasses, int maxTails) {
    List<ClusterPlan> plans = new ArrayList<>();
    for (int chosen = 1; chosen < 1 << (nClasses - 1); chosen++) {
      if (Integer.bitCount(chosen) <= maxTails) {
        List<Integer> cutoffs = new ArrayList<>();
        for (int cutoff = 1; cutoff < nClasses; cutoff++) {
          if ((chosen >> (cutoff - 1) & 1) == 1) {
            cutoffs.add(cutoff);
          }
        }
        plans.add(new ClusterPlan(16, nClasses, cutoffs, 2.0));
      }
    }
    return plans;
  }

  private static void assertRefused(Runnable call, String message) {
    assertThatThrownBy(call::run).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }
}
