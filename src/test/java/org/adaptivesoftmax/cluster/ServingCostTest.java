package org.adaptivesoftmax.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServingCostTest {
  /** Head {60, 20}, tail clusters {10, 6} and {3, 1}. */
  private static final long[] COUNTS = {60, 20, 10, 6, 3, 1};

  private static final ClusterPlan PLAN = new ClusterPlan(8, 6, List.of(2, 4), 2.0);

  @Test
  void addsUpByHand() {
    ServingCost costs = new ServingCost(10, 3, 1, 1000, 7, 5);
    double head = 1000 + 10 * 4 * (8 + 7) + 4 * 8 * 5;
    // Of two classes before it, no three are the best: the first tail cluster is always needed.
    double weights1 = 4 * 8 + 2 * 4;
    double tail1 = 1000 + 10 * (weights1 + 2 * 7) + weights1 * 5;
    double reach = costs.reach(PLAN, COUNTS)[1];
    double weights2 = 2 * 8 + 2 * 2;
    double used = 1 - Math.pow(1 - reach, 10);
    double tail2 = 1000 + 10 * reach * (weights2 + 2 * 7) + used * weights2 * 5;
    assertThat(costs.reach(PLAN, COUNTS)[0]).isEqualTo(1);
    assertThat(costs.expectedCost(PLAN, COUNTS)).isCloseTo(head + tail1 + tail2, within(1e-9));
    assertThat(costs.fullSoftmaxCost(8, 6)).isEqualTo(1000 + 10 * 6 * (8 + 7) + 6 * 8 * 5);
  }

  @Test
  void aReachedClusterIsOneWhoseEntryIsAmongTheBest() {
    // Of one class before it, the best scores above its median half of the time.
    ServingCost costs = new ServingCost(1, 1, 2, 0, 0, 0);
    ClusterPlan plan = new ClusterPlan(8, 3, List.of(1), 2.0);
    double threshold = Math.log(40); // above(log 40) = 1/2
    double expected =
        NormalDistribution.of(0, 1).survivalProbability((threshold - Math.log(10)) / 2);
    assertThat(costs.reach(plan, new long[] {40, 6, 4})[0]).isCloseTo(expected, within(1e-6));
  }

  /** The model against draws from what it models: the k-th best is random there, and its median here. */
  @ParameterizedTest
  @CsvSource({"1, 1, 0.06", "10, 1, 0.03", "10, 2, 0.03", "50, 3, 0.02"})
  void reachIsThatOfDrawnScores(int k, double spread, double tolerance) {
    long[] counts = Zipf.counts(2000);
    ClusterPlan plan = ClusterPlan.of(64, 2000, 100, 500);
    double[] reach = new ServingCost(1, k, spread, 0, 0, 0).reach(plan, counts);
    RankedCounts ranked = RankedCounts.of(counts);
    Random random = new Random(3);
    int rows = 4000;
    double[] reached = new double[2];
    for (int row = 0; row < rows; row++) {
      double[] scores = new double[plan.tailStart(1)];
      Arrays.setAll(scores, r -> Math.log((double) counts[r]) + spread * random.nextGaussian());
      for (int tail = 0; tail < 2; tail++) {
        double[] before = Arrays.copyOf(scores, plan.tailStart(tail));
        Arrays.sort(before);
        long sum = ranked.sum(plan.tailStart(tail), plan.tailEnd(tail));
        double entry = Math.log((double) sum) + spread * random.nextGaussian();
        reached[tail] += entry >= before[before.length - k] ? 1.0 / rows : 0;
      }
    }
    assertThat(reach[0]).isCloseTo(reached[0], within(tolerance));
    assertThat(reach[1]).isCloseTo(reached[1], within(tolerance));
  }

  @Property(tries = 50)
  void moreWantedClassesReachMoreClusters(
      @ForAll @IntRange(min = 1, max = 100) int k,
      @ForAll @DoubleRange(min = 0.1, max = 5) double spread) {
    long[] counts = Zipf.counts(5000);
    ClusterPlan plan = ClusterPlan.of(64, 5000, 200, 1000);
    double[] fewer = new ServingCost(1, k, spread, 0, 0, 0).reach(plan, counts);
    double[] more = new ServingCost(1, k + 1, spread, 0, 0, 0).reach(plan, counts);
    for (int tail = 0; tail < 2; tail++) {
      assertThat(more[tail]).isBetween(fewer[tail], 1.0);
    }
  }

  @Test
  void classesThatNeverOccurAreReachedLittle() {
    long[] counts = Zipf.counts(1000);
    Arrays.fill(counts, 500, 1000, 0);
    double[] reach = ServingCost.of(1, 10).reach(ClusterPlan.of(64, 1000, 100, 500), counts);
    assertThat(reach[1]).isBetween(0.0, 1e-3);
  }

  @Test
  void theTailOfTheNormalDistribution() {
    NormalDistribution exact = NormalDistribution.of(0, 1);
    for (double z = -9; z <= 9; z += 0.25) {
      double tail = org.adaptivesoftmax.cluster.NormalDistribution.upperTail(z);
      assertThat(tail).isCloseTo(exact.survivalProbability(z), within(1e-7));
    }
    assertThat(org.adaptivesoftmax.cluster.NormalDistribution.upperTail(Double.NEGATIVE_INFINITY))
        .isEqualTo(1);
    assertThat(org.adaptivesoftmax.cluster.NormalDistribution.upperTail(Double.POSITIVE_INFINITY))
        .isZero();
  }

  @Test
  void aPlanForServingIsCheaperToServeThanOneForTraining() {
    long[] counts = Zipf.counts(50_000);
    ServingCost serving = ServingCost.of(16, 10);
    CostModel training = CostModel.ofBatch(640);
    ClusterPlan served = cheapest(serving, counts);
    ClusterPlan trained = cheapest(training, counts);
    ClusterPlan both = cheapest(JointCost.of(training, serving), counts);
    assertThat(serving.expectedCost(served, counts))
        .isLessThanOrEqualTo(serving.expectedCost(both, counts))
        .isLessThan(serving.expectedCost(trained, counts));
    assertThat(training.expectedCost(trained, counts))
        .isLessThanOrEqualTo(training.expectedCost(both, counts));
  }

  private static ClusterPlan cheapest(PlanCosts costs, long[] counts) {
    return CutoffPlanner.builder(128, costs).maxExtraCost(0).build().plan(counts);
  }

  @Test
  void jointCostsAreSumsOfRatiosToAFullSoftmax() {
    CostModel training = new CostModel(10, 1000, 7, 5);
    ServingCost serving = new ServingCost(10, 1, 1, 1000, 7, 5);
    JointCost both = JointCost.of(training, serving);
    assertThat(both.expectedCost(PLAN, COUNTS))
        .isCloseTo(
            training.expectedCost(PLAN, COUNTS) / training.fullSoftmaxCost(8, 6)
                + serving.expectedCost(PLAN, COUNTS) / serving.fullSoftmaxCost(8, 6),
            within(1e-12));
    assertThat(both.fullSoftmaxCost(8, 6)).isEqualTo(2);
    assertThatThrownBy(JointCost::of)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("parts must hold at least one cost: []");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0  | 1 | 1 | 1 | batchRows must be at least 1: 0",
        "10 | 0 | 1 | 1 | k must be at least 1: 0",
        "10 | 1 | 0 | 1 | spread must be above 0 and finite: 0.0",
        "10 | 1 | 1 | -1 | perCluster must be at least 0 and finite: -1.0",
      })
  void refusesBadCosts(int batchRows, int k, double spread, double perCluster, String message) {
    assertThatThrownBy(() -> new ServingCost(batchRows, k, spread, perCluster, 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
