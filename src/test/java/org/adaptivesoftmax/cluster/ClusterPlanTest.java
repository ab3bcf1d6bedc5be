package org.adaptivesoftmax.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterPlanTest {
  @Test
  void everyRankIsInTheClusterThatHoldsIt() {
    ClusterPlan plan = ClusterPlan.of(64, 30, 10, 11, 25);
    for (int rank = 0; rank < 30; rank++) {
      int cluster = plan.cluster(rank);
      int start = cluster == 0 ? 0 : plan.tailStart(cluster - 1);
      int end = cluster == 0 ? plan.shortlistSize() : plan.tailEnd(cluster - 1);
      assertThat(rank).isBetween(start, end - 1);
    }
    assertThat(ClusterPlan.headAlone(64, 30).cluster(29)).isZero();
  }

  @Test
  void dividesAsPyTorchDoes() {
    ClusterPlan plan = ClusterPlan.of(64, 1000, 10, 100);
    assertThat(plan.divValue()).isEqualTo(4.0);
    assertThat(plan.shortlistSize()).isEqualTo(10);
    assertThat(plan.nTails()).isEqualTo(2);
    assertThat(plan.headSize()).isEqualTo(12);
    assertThat(List.of(plan.tailStart(0), plan.tailEnd(0), plan.tailSize(0), plan.tailWidth(0)))
        .containsExactly(10, 100, 90, 16);
    assertThat(List.of(plan.tailStart(1), plan.tailEnd(1), plan.tailSize(1), plan.tailWidth(1)))
        .containsExactly(100, 1000, 900, 4);
  }

  @Test
  void takesTheSmallestSizes() {
    ClusterPlan plan = new ClusterPlan(1, 2, List.of(1), 1.0);
    assertThat(plan.headSize()).isEqualTo(2);
    assertThat(plan.tailSize(0)).isEqualTo(1);
    assertThat(plan.tailWidth(0)).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0   | 100 | 10     | 4   | inFeatures must be at least 1: 0",
        "-8  | 100 | 10     | 4   | inFeatures must be at least 1: -8",
        "64  | 1   | 10     | 4   | nClasses must be at least 2: 1",
        "64  | 100 | 10     | 0   | divValue must be above 0 and finite: 0.0",
        "64  | 100 | 10     | -4  | divValue must be above 0 and finite: -4.0",
        "64  | 100 | 10     | NaN | divValue must be above 0 and finite: NaN",
        "64  | 100 | 10     | Infinity | divValue must be above 0 and finite: Infinity",
        "64  | 100 | 0      | 4   | cutoffs must be in 1..99 (nClasses - 1): 0",
        "64  | 100 | 10 100 | 4   | cutoffs must be in 1..99 (nClasses - 1): 100",
        "64  | 100 | -1 10  | 4   | cutoffs must be in 1..99 (nClasses - 1): -1",
        "64  | 100 | 50 50  | 4   | cutoffs must increase: 50 after 50",
        "64  | 100 | 50 10  | 4   | cutoffs must increase: 10 after 50",
        "15  | 100 | 10 20  | 4   | divValue leaves tail cluster 2 no width: floor(inFeatures 15 / divValue 4.0 ^ 2) = 0",
        "64  | 100 | 10     | 65  | divValue leaves tail cluster 1 no width: floor(inFeatures 64 / divValue 65.0 ^ 1) = 0",
        "64  | 100 | 10     | 1e-9 | divValue makes tail cluster 1 too wide: divValue 1.0E-9",
        "64  | 100 | 1 2 3 4 | 1e-100 | divValue makes tail cluster 1 too wide: divValue 1.0E-100",
        "64  | 100 | 10     | 1e300 | divValue leaves tail cluster 1 no width: floor(inFeatures 64 / divValue 1.0E300 ^ 1) = 0",
      })
  void refusesBadArguments(
      int inFeatures, int nClasses, String cutoffs, double divValue, String message) {
    assertThatThrownBy(() -> new ClusterPlan(inFeatures, nClasses, numbers(cutoffs), divValue))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void copiesTheCutoffs() {
    List<Integer> cutoffs = new ArrayList<>(List.of(10, 20));
    ClusterPlan plan = new ClusterPlan(64, 100, cutoffs, 4.0);
    cutoffs.set(0, 99);
    assertThat(plan.cutoffs()).containsExactly(10, 20);
  }

  @ParameterizedTest
  @CsvFileSource(resources = "widths.csv")
  void widthsArePythonsFloorDivision(int inFeatures, double divValue, String widths) {
    List<Integer> expected = numbers(widths);
    Integer[] cutoffs = {1, 2, 3, 4};
    ClusterPlan plan =
        new ClusterPlan(inFeatures, 100, List.of(cutoffs).subList(0, expected.size()), divValue);
    for (int tail = 0; tail < expected.size(); tail++) {
      assertThat(plan.tailWidth(tail)).as("tail %d", tail).isEqualTo(expected.get(tail));
    }
  }

  @Property
  void headAndTailsPartitionTheClasses(@ForAll("plans") ClusterPlan plan) {
    int next = plan.shortlistSize();
    for (int tail = 0; tail < plan.nTails(); tail++) {
      assertThat(plan.tailStart(tail)).isEqualTo(next);
      assertThat(plan.tailSize(tail)).isPositive();
      assertThat(plan.tailWidth(tail)).isBetween(1, plan.inFeatures());
      next += plan.tailSize(tail);
      assertThat(plan.tailEnd(tail)).isEqualTo(next);
    }
    assertThat(next).isEqualTo(plan.nClasses());
    assertThat(plan.headSize()).isEqualTo(plan.shortlistSize() + plan.cutoffs().size());
  }

  @Property
  void widthsNeverGrowIfDivValueIsAtLeastOne(@ForAll("plans") ClusterPlan plan) {
    for (int tail = 1; tail < plan.nTails(); tail++) {
      assertThat(plan.tailWidth(tail)).isLessThanOrEqualTo(plan.tailWidth(tail - 1));
    }
  }

  @Provide
  Arbitrary<ClusterPlan> plans() {
    Arbitrary<TreeSet<Integer>> cutoffs =
        Arbitraries.integers().between(1, 999).set().ofMinSize(1).ofMaxSize(4).map(TreeSet::new);
    return Combinators.combine(
            Arbitraries.integers().between(81, 2048),
            Arbitraries.integers().between(1000, 2_000_000),
            cutoffs,
            Arbitraries.doubles().between(1, 3))
        .as((width, classes, set, div) -> new ClusterPlan(width, classes, List.copyOf(set), div));
  }

  private static List<Integer> numbers(String text) {
    return Arrays.stream(text.split(" ")).filter(s -> !s.isEmpty()).map(Integer::valueOf).toList();
  }
}
