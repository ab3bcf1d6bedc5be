package org.adaptivesoftmax.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.commons.statistics.distribution.PoissonDistribution;
import org.junit.jupiter.api.Test;

class StabilityRuleTest {
  private static final PlanCosts COSTS = CostModel.ofBatch(64);

  @Property(tries = 60)
  void everyClassHasOneRankAndStandsByItsCountWithinItsCluster(
      @ForAll @IntRange(min = 100, max = 400) int nClasses, @ForAll int seed) {
    Renewed renewed = Renewed.of(nClasses, seed, StabilityRule.DEFAULT);
    StablePlan stable = renewed.stable;
    assertThat(stable.order().isDense()).isTrue();
    assertThat(stable.order().size()).isEqualTo(stable.plan().nClasses()).isEqualTo(nClasses);
    for (int rank = 1; rank < nClasses; rank++) {
      if (stable.plan().cluster(rank) == stable.plan().cluster(rank - 1)) {
        assertThat(renewed.countAt(rank)).isLessThanOrEqualTo(renewed.countAt(rank - 1));
      }
    }
  }

  @Property(tries = 60)
  void whatMovedIsNamedAndNothingElse(
      @ForAll @IntRange(min = 100, max = 400) int nClasses, @ForAll int seed) {
    Renewed renewed = Renewed.of(nClasses, seed, StabilityRule.DEFAULT);
    Set<StablePlan.Migration> expected = new HashSet<>();
    for (int classId = 0; classId < nClasses; classId++) {
      int to = renewed.stable.plan().cluster(renewed.rank(classId));
      int before = renewed.previousRanks[classId];
      if (before >= 0 && renewed.previous.cluster(before) != to) {
        int from = renewed.previous.cluster(before);
        expected.add(new StablePlan.Migration(classId, from, to));
      }
    }
    assertThat(renewed.stable.migrations()).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Property(tries = 60)
  void itCostsNoMoreThanIsAllowed(
      @ForAll @IntRange(min = 100, max = 400) int nClasses, @ForAll int seed) {
    for (double extra : new double[] {0, 0.005, 0.1}) {
      Renewed renewed = Renewed.of(nClasses, seed, new StabilityRule(2.576, extra));
      assertThat(renewed.stable.cost()).isLessThanOrEqualTo(renewed.anew.cost() * (1 + extra));
    }
  }

  @Property(tries = 60)
  void aClassMovesOnlyBeyondItsSamplingError(
      @ForAll @IntRange(min = 100, max = 400) int nClasses, @ForAll int seed) {
    // No cost is too much: the rule is applied whole, and the previous cutoffs stay.
    Renewed renewed = Renewed.of(nClasses, seed, new StabilityRule(2, 1e9));
    int[] byCount = StablePlan.byCount(renewed.counts);
    for (StablePlan.Migration migration : renewed.stable.migrations()) {
      int cutoff =
          renewed.previous.tailStart(migration.up() ? migration.from() - 1 : migration.from());
      double end = (renewed.counts[byCount[cutoff - 1]] + renewed.counts[byCount[cutoff]]) / 2.0;
      double beyond = (renewed.counts[migration.classId()] - end) * (migration.up() ? 1 : -1);
      assertThat(beyond).isGreaterThan(2 * Math.sqrt(end));
    }
  }

  @Property(tries = 60)
  void newClassesGoWhereTheirCountsBelong(
      @ForAll @IntRange(min = 100, max = 400) int nClasses, @ForAll int seed) {
    Renewed renewed = Renewed.of(nClasses, seed, new StabilityRule(2, 1e9));
    int[] byCount = StablePlan.byCount(renewed.counts);
    for (int rank = 0; rank < nClasses; rank++) {
      if (renewed.previousRanks[byCount[rank]] < 0) {
        assertThat(renewed.stable.plan().cluster(renewed.rank(byCount[rank])))
            .isEqualTo(renewed.previous.cluster(rank));
      }
    }
  }

  @Test
  void theSameCountsMoveNothing() {
    long[] counts = Zipf.counts(1000);
    ClusterPlan plan = planner().plan(counts);
    int[] ranks = IntStream.range(0, 1000).toArray();
    StablePlan stable = StabilityRule.DEFAULT.renew(plan, ranks, counts, counts, plan, COSTS);
    assertThat(stable.migrations()).isEmpty();
    assertThat(stable.plan()).isEqualTo(plan);
    assertThat(stable.order().isIdentity()).isTrue();
    assertThat(stable.cost())
        .isCloseTo(COSTS.expectedCost(plan, counts), within(1e-9 * stable.cost()));
  }

  @Test
  void aSecondSampleMovesFewClassesForLittleCost() {
    int without = 0;
    int with = 0;
    for (int seed = 0; seed < 5; seed++) {
      Renewed renewed = Renewed.ofSamples(20_000, seed, StabilityRule.DEFAULT);
      without += renewed.anew.migrations().size();
      with += renewed.stable.migrations().size();
    }
    assertThat(with).isLessThan(without / 5);
  }

  @Test
  void aClassThatBecameFrequentMovesUp() {
    long[] before = Zipf.counts(1000);
    ClusterPlan plan = planner().plan(before);
    long[] counts = before.clone();
    counts[999] = counts[0];
    int[] ranks = IntStream.range(0, 1000).toArray();
    StablePlan stable =
        StabilityRule.DEFAULT.renew(plan, ranks, before, counts, planner().plan(counts), COSTS);
    assertThat(stable.migrations()).contains(new StablePlan.Migration(999, plan.nTails(), 0));
    assertThat(stable.order().label(0)).isZero();
    assertThat(stable.order().label(1)).isEqualTo(999);
  }

  @Test
  void anotherNumberOfTailClustersIsAsItsPlanHasIt() {
    long[] counts = Zipf.counts(1000);
    ClusterPlan previous = ClusterPlan.of(64, 1000, 900);
    ClusterPlan fresh = ClusterPlan.of(64, 1000, 20, 200);
    int[] ranks = IntStream.range(0, 1000).toArray();
    StablePlan stable =
        StabilityRule.DEFAULT.renew(previous, ranks, new long[0], counts, fresh, COSTS);
    assertThat(stable.plan()).isEqualTo(fresh);
    assertThat(stable.migrations()).hasSize(980);
  }

  @Test
  void refusesBadArguments() {
    ClusterPlan plan = ClusterPlan.of(64, 3, 1);
    long[] counts = {3, 2, 1};
    assertRefused(() -> new StabilityRule(-1, 0), "deviations must be at least 0 and finite: -1.0");
    assertRefused(
        () -> new StabilityRule(1, Double.NaN), "maxExtraCost must be at least 0 and finite: NaN");
    assertRefused(
        () -> renew(plan, new int[] {0, 1}, counts, plan),
        "previousRanks must hold a rank for each count (3): 2");
    assertRefused(
        () -> renew(plan, new int[] {0, 1, 3}, counts, plan), "previousRanks must be in -1..2: 3");
    assertRefused(
        () -> renew(plan, new int[] {0, 1, 1}, counts, plan),
        "previousRanks must be distinct: 1 stands twice");
    assertRefused(
        () -> renew(plan, new int[] {0, 1, 2}, counts, ClusterPlan.of(64, 4, 1)),
        "counts must hold nClasses (4) values: 3");
    assertRefused(
        () -> StablePlan.byRank(plan, new int[] {0, 1, 2}, new long[2], counts, plan, COSTS),
        "previousCounts must hold a value for each count (3), or none: 2");
    assertRefused(
        () -> renew(plan, new int[] {0, 1, 2}, counts, ClusterPlan.of(32, 3, 1)),
        "inFeatures must be as before: 32, before 64");
  }

  private static void renew(ClusterPlan previous, int[] ranks, long[] counts, ClusterPlan fresh) {
    StabilityRule.DEFAULT.renew(previous, ranks, new long[0], counts, fresh, COSTS);
  }

  private static CutoffPlanner planner() {
    return CutoffPlanner.builder(64, COSTS).tails(2).build();
  }

  private static void assertRefused(Runnable call, String message) {
    assertThatThrownBy(call::run).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }

  /** A plan of some counts, renewed from others. */
  private static final class Renewed {
    private final ClusterPlan previous;
    private final int[] previousRanks;
    private final long[] counts;
    private final StablePlan anew;
    private final StablePlan stable;

    private Renewed(
        ClusterPlan previous,
        int[] previousRanks,
        long[] previousCounts,
        long[] counts,
        StabilityRule rule) {
      this.previous = previous;
      this.previousRanks = previousRanks;
      this.counts = counts;
      ClusterPlan fresh = planner().plan(counts);
      anew = StablePlan.byRank(previous, previousRanks, previousCounts, counts, fresh, COSTS);
      stable = rule.renew(previous, previousRanks, previousCounts, counts, fresh, COSTS);
    }

    /** Counts that have nothing to do with those before; every fifth class is new, some are gone. */
    static Renewed of(int nClasses, int seed, StabilityRule rule) {
      Random random = new Random(seed);
      ClusterPlan previous = planner().plan(Zipf.counts(nClasses + 10));
      List<Integer> ranks =
          random.ints(0, nClasses + 10).distinct().limit(nClasses).boxed().toList();
      int[] previousRanks = new int[nClasses];
      Arrays.setAll(previousRanks, i -> i % 5 == 4 ? -1 : ranks.get(i));
      long[] counts = random.longs(nClasses, 0, 1000).toArray();
      counts[0] = 1000;
      return new Renewed(previous, previousRanks, new long[0], counts, rule);
    }

    /** Both counts are samples of one distribution. */
    static Renewed ofSamples(int nClasses, int seed, StabilityRule rule) {
      long[] first = sample(nClasses, 2L * seed);
      int[] order = StablePlan.byCount(first);
      int[] previousRanks = new int[nClasses];
      for (int rank = 0; rank < nClasses; rank++) {
        previousRanks[order[rank]] = rank;
      }
      return new Renewed(
          planner().plan(first), previousRanks, first, sample(nClasses, 2L * seed + 1), rule);
    }

    private static long[] sample(int nClasses, long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      return Arrays.stream(Zipf.counts(nClasses))
          .map(n -> PoissonDistribution.of(n / 5000.0).createSampler(random::nextLong).sample())
          .toArray();
    }

    int rank(int classId) {
      return stable.order().rank(classId).orElseThrow();
    }

    long countAt(int rank) {
      return counts[(int) stable.order().label(rank)];
    }
  }
}
