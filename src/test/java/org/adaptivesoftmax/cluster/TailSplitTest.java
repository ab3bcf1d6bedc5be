package org.adaptivesoftmax.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TailSplitTest {
  private static final ClusterPlan PLAN = new ClusterPlan(8, 100, List.of(10, 20, 40, 60), 1.5);

  /** A report with the given costs of its tail clusters. */
  private static PlanReport report(double... tailCosts) {
    List<PlanReport.Cluster> clusters =
        IntStream.rangeClosed(0, tailCosts.length)
            .mapToObj(
                i -> new PlanReport.Cluster(i, i + 1, 1, 1, 0, i == 0 ? 0.1 : tailCosts[i - 1]))
            .toList();
    return new PlanReport(PLAN, 1, clusters);
  }

  @Test
  void theCostliestGoesFirstAndEachToTheTaskThatCostsLeast() {
    // 0.4 alone; then 0.2 and 0.17 together, and 0.13 to them: 0.4 against 0.37, then 0.5.
    PlanReport report = report(0.17, 0.4, 0.13, 0.2);
    TailSplit split = TailSplit.byCost(report, 2);
    assertThat(split).isEqualTo(new TailSplit(2, List.of(1, 0, 1, 1)));
    assertThat(split.tailsOf(1)).containsExactly(0, 2, 3);
    assertThat(split.costShare(report, 1)).isCloseTo(0.5, within(1e-12));
    assertThat(TailSplit.byCost(report, 1).taskOfTail()).containsExactly(0, 0, 0, 0);
    assertThat(TailSplit.byCost(report, 4).taskOfTail()).containsExactly(2, 0, 3, 1);
  }

  /** Graham's bound, against the best of all splits. */
  @Property(tries = 100)
  void noTaskCostsMoreThanFourThirdsOfTheBest(
      @ForAll @IntRange(min = 1, max = 100) int a,
      @ForAll @IntRange(min = 1, max = 100) int b,
      @ForAll @IntRange(min = 1, max = 100) int c,
      @ForAll @IntRange(min = 1, max = 100) int d,
      @ForAll @IntRange(min = 1, max = 4) int tasks) {
    double[] costs = {a, b, c, d};
    TailSplit split = TailSplit.byCost(report(costs), tasks);
    double best = Double.MAX_VALUE;
    for (int choice = 0; choice < Math.pow(tasks, 4); choice++) {
      double[] load = new double[tasks];
      for (int tail = 0, rest = choice; tail < 4; tail++, rest /= tasks) {
        load[rest % tasks] += costs[tail];
      }
      best =
          Math.min(best, IntStream.range(0, tasks).mapToDouble(i -> load[i]).max().orElseThrow());
    }
    for (int task = 0; task < tasks; task++) {
      assertThat(split.costShare(report(costs), task)).isLessThanOrEqualTo(best * 4 / 3 + 1e-9);
    }
  }

  @Test
  void refusesWhatDividesNothing() {
    PlanReport report = report(0.1, 0.1, 0.1, 0.1);
    assertThatThrownBy(() -> TailSplit.byCost(report, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tail tasks must be in 1..4, the tail clusters: 5");
    assertThatThrownBy(() -> new TailSplit(2, List.of(0, 0)))
        .hasMessage("tail task 1 of 2 has no tail cluster: [0, 0]");
    assertThatThrownBy(() -> new TailSplit(2, List.of(0, 2)))
        .hasMessage("the task of a tail cluster must be in 0..1: 2");
    assertThatThrownBy(() -> new TailSplit(2, List.of(0, 1)).requireOf(PLAN))
        .hasMessage("a split must name a task for each of 4 tail clusters: [0, 1]");
    TailSplit.NONE.requireOf(PLAN);
  }
}
