package org.adaptivesoftmax.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CostModelTest {
  /** Head {60, 20}, tail clusters {10, 6} and {3, 1}, of 100 targets. */
  private static final long[] COUNTS = {60, 20, 10, 6, 3, 1};

  private static final ClusterPlan PLAN = new ClusterPlan(8, 6, List.of(2, 4), 2.0);

  @Test
  void addsUpByHand() {
    CostModel costs = new CostModel(10, 1000, 7, 5);
    double head = 1000 + 10 * 4 * (3 * 8 + 7) + 4 * 8 * 5;
    double rows1 = 10 * 0.16;
    double weights1 = 4 * 8 + 2 * 4;
    double tail1 = 1000 * (1 - Math.pow(0.84, 10)) + rows1 * (3 * weights1 + 7 * 2) + weights1 * 5;
    double rows2 = 10 * 0.04;
    double weights2 = 2 * 8 + 2 * 2;
    double tail2 = 1000 * (1 - Math.pow(0.96, 10)) + rows2 * (3 * weights2 + 7 * 2) + weights2 * 5;
    assertThat(costs.expectedCost(PLAN, COUNTS)).isCloseTo(head + tail1 + tail2, within(1e-9));
    assertThat(costs.fullSoftmaxCost(8, 6)).isEqualTo(1000 + 10 * 6 * (3 * 8 + 7) + 6 * 8 * 5);
  }

  @Test
  void theOrderOfTheCountsChangesNothing() {
    CostModel costs = CostModel.ofBatch(64);
    assertThat(costs.expectedCost(PLAN, new long[] {1, 3, 6, 10, 20, 60}))
        .isEqualTo(costs.expectedCost(PLAN, COUNTS));
  }

  @Test
  void aClusterThatNoRowTargetsCostsItsWeightsOnly() {
    CostModel costs = new CostModel(10, 1000, 7, 5);
    assertThat(costs.tail(8, 4, 100, 0)).isEqualTo(4 * 108 * 5);
    assertThat(costs.tail(8, 4, 100, 1)).isEqualTo(1000 + 10 * (3 * 432 + 700) + 432 * 5);
  }

  @Test
  void anAdaptiveSoftmaxOfManyClassesIsCheaperThanAFullOne() {
    long[] zipf = Zipf.counts(50_000);
    ClusterPlan plan = ClusterPlan.of(256, 50_000, 2000, 10_000);
    CostModel costs = CostModel.ofBatch(640);
    assertThat(costs.expectedCost(plan, zipf) / costs.fullSoftmaxCost(256, 50_000))
        .isBetween(0.03, 0.15);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0  | 1   | 1   | 1 | batchRows must be at least 1: 0",
        "10 | -1  | 1   | 1 | perCluster must be at least 0 and finite: -1.0",
        "10 | 1   | NaN | 1 | perLogit must be at least 0 and finite: NaN",
        "10 | 1   | 1   | Infinity | perWeight must be at least 0 and finite: Infinity",
      })
  void refusesBadCosts(
      int batchRows, double perCluster, double perLogit, double perWeight, String message) {
    assertThatThrownBy(() -> new CostModel(batchRows, perCluster, perLogit, perWeight))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void refusesBadCounts() {
    CostModel costs = CostModel.ofBatch(10);
    assertRefused(
        () -> costs.expectedCost(PLAN, new long[5]), "counts must hold nClasses (6) values: 5");
    assertRefused(() -> costs.expectedCost(PLAN, new long[6]), "counts must not all be 0");
    assertRefused(
        () -> costs.expectedCost(PLAN, new long[] {1, 2, -3, 4, 5, 6}),
        "counts must not be negative: -3 at 2");
    assertRefused(
        () -> costs.expectedCost(PLAN, new long[] {Long.MAX_VALUE, 1, 0, 0, 0, 0}),
        "counts must add up to less than 2^63");
    assertRefused(() -> costs.fullSoftmaxCost(0, 6), "inFeatures must be at least 1: 0");
    assertRefused(() -> costs.fullSoftmaxCost(8, 1), "nClasses must be at least 2: 1");
  }

  private static void assertRefused(Runnable call, String message) {
    assertThatThrownBy(call::run).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }
}
