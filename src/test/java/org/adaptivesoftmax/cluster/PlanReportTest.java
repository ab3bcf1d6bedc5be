package org.adaptivesoftmax.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PlanReportTest {
  /** Head {60, 20}, tail clusters {10, 6} and {3, 1}, of 100 targets, in an order of their own. */
  private static final long[] COUNTS = {6, 60, 1, 20, 10, 3};

  private static final ClusterPlan PLAN = new ClusterPlan(8, 6, List.of(2, 4), 2.0);

  @Test
  void addsUpByHand() {
    PlanReport report = PlanReport.of(PLAN, COUNTS, new CostModel(10, 1000, 7, 5));
    // perCluster + rows · scores · (3 · 8 + perLogit) + weights · perWeight
    double head = 1000 + 10 * 4 * 31 + 32 * 5;
    // used · perCluster + rows · (3 · weights + perLogit · 2) + weights · perWeight
    double tail1 = 1000 * (1 - Math.pow(0.84, 10)) + 1.6 * (3 * 40 + 14) + 40 * 5;
    double tail2 = 1000 * (1 - Math.pow(0.96, 10)) + 0.4 * (3 * 20 + 14) + 20 * 5;
    double cost = head + tail1 + tail2;
    assertThat(report.plan()).isEqualTo(PLAN);
    assertThat(report.expectedCost()).isCloseTo(cost, within(1e-9));
    assertThat(report.clusters()).hasSize(3);
    assertCluster(report.clusters().get(0), 0, 2, 8, 4 * 8, 0.8, head / cost);
    assertCluster(report.clusters().get(1), 2, 4, 4, 4 * 8 + 2 * 4, 0.16, tail1 / cost);
    assertCluster(report.clusters().get(2), 4, 6, 2, 2 * 8 + 2 * 2, 0.04, tail2 / cost);
    assertThat(report.weights()).isEqualTo(32 + 40 + 20);
  }

  @Property(tries = 50)
  void sharesSumToOneAndClustersToAllClasses(
      @ForAll @IntRange(min = 100, max = 100_000) int nClasses,
      @ForAll @IntRange(min = 16, max = 600) int inFeatures,
      @ForAll @IntRange(min = 1, max = 2000) int batchRows) {
    long[] counts = Zipf.counts(nClasses);
    CostModel costs = CostModel.ofBatch(batchRows);
    ClusterPlan plan = CutoffPlanner.builder(inFeatures, costs).build().plan(counts);
    PlanReport report = PlanReport.of(plan, counts, costs);
    assertThat(report.expectedCost()).isEqualTo(costs.expectedCost(plan, counts));
    double share = 0;
    double costShare = 0;
    int next = 0;
    for (PlanReport.Cluster cluster : report.clusters()) {
      assertThat(cluster.start()).isEqualTo(next);
      assertThat(cluster.size()).isEqualTo(cluster.end() - cluster.start()).isPositive();
      assertThat(cluster.share()).isBetween(0.0, 1.0);
      assertThat(cluster.costShare()).isBetween(0.0, 1.0);
      next = cluster.end();
      share += cluster.share();
      costShare += cluster.costShare();
    }
    assertThat(next).isEqualTo(nClasses);
    assertThat(share).isCloseTo(1, within(1e-12));
    assertThat(costShare).isCloseTo(1, within(1e-12));
  }

  @Test
  void withoutTailClustersTheHeadIsAFullSoftmax() {
    CostModel costs = CostModel.ofBatch(10);
    PlanReport report = PlanReport.of(new ClusterPlan(8, 6, List.of(), 2.0), COUNTS, costs);
    assertThat(report.expectedCost()).isEqualTo(costs.fullSoftmaxCost(8, 6));
    assertThat(report.clusters()).containsExactly(new PlanReport.Cluster(0, 6, 8, 6 * 8, 1.0, 1.0));
  }

  @Test
  void countsWeightsBeyondAnInt() {
    ClusterPlan plan = new ClusterPlan(2_000_000, 10_000, List.of(5_000), 2.0);
    PlanReport report = PlanReport.of(plan, Zipf.counts(10_000), CostModel.ofBatch(1));
    assertThat(report.clusters().get(0).weights()).isEqualTo(5_001L * 2_000_000);
    assertThat(report.clusters().get(1).weights()).isEqualTo(1_000_000L * 2_005_000);
  }

  @Test
  void copiesTheClusters() {
    List<PlanReport.Cluster> clusters = new ArrayList<>();
    PlanReport report = new PlanReport(PLAN, 1, clusters);
    clusters.add(new PlanReport.Cluster(0, 2, 8, 32, 0.8, 0.5));
    assertThat(report.clusters()).isEmpty();
  }

  @Test
  void refusesCountsOfOtherClasses() {
    assertThatThrownBy(() -> PlanReport.of(PLAN, new long[5], CostModel.ofBatch(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("counts must hold nClasses (6) values: 5");
  }

  private static void assertCluster(
      PlanReport.Cluster cluster,
      int start,
      int end,
      int width,
      long weights,
      double share,
      double costShare) {
    assertThat(List.of(cluster.start(), cluster.end(), cluster.width()))
        .containsExactly(start, end, width);
    assertThat(cluster.weights()).isEqualTo(weights);
    assertThat(cluster.size()).isEqualTo(2);
    assertThat(cluster.share()).isCloseTo(share, within(1e-12));
    assertThat(cluster.costShare()).isCloseTo(costShare, within(1e-12));
  }
}
