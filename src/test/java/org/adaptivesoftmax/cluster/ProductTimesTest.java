package org.adaptivesoftmax.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProductTimesTest {
  private static final ProductTimes.Machine MACHINE = new ProductTimes.Machine("a processor", 2);
  private static final List<Integer> ROWS = List.of(1, 16, 256);
  private static final List<Integer> FEATURES = List.of(8, 64);
  private static final List<Integer> CLASSES = List.of(10, 1000);

  /** A machine on which a product takes 2 ns per multiply-add, and a step three times as long. */
  private static ProductTimes linear() {
    return times(2e-6, new Random(0), 0);
  }

  private static ProductTimes times(double perMultiplyAddMs, Random random, double noise) {
    List<Double> scores = new ArrayList<>();
    List<Double> step = new ArrayList<>();
    for (int n : ROWS) {
      for (int d : FEATURES) {
        for (int m : CLASSES) {
          double ms = n * d * m * perMultiplyAddMs * Math.exp(noise * random.nextGaussian());
          scores.add(ms);
          step.add(3 * ms * Math.exp(noise * random.nextGaussian()));
        }
      }
    }
    return new ProductTimes(MACHINE, ROWS, FEATURES, CLASSES, scores, step);
  }

  @Test
  void timesInProportionStaySoBetweenAndAboveTheGrid() {
    ProductTimes times = linear();
    for (double n : new double[] {1, 3.5, 16, 100, 1000}) {
      for (double d : new double[] {8, 20, 64, 512}) {
        for (double m : new double[] {10, 77, 1000, 50_000}) {
          double expected = 2e-6 * n * d * m;
          assertThat(times.scoresMs(n, d, m)).isCloseTo(expected, within(1e-9 * expected));
          assertThat(times.stepMs(n, d, m)).isCloseTo(3 * expected, within(3e-9 * expected));
        }
      }
    }
    assertThat(times.perMultiplyAddMs()).isCloseTo(2e-6, within(1e-12));
  }

  @Test
  void belowTheGridATimeIsThatOfTheNearestPoint() {
    ProductTimes times = linear();
    assertThat(times.scoresMs(1, 2, 3)).isCloseTo(times.scoresMs(1, 8, 10), within(1e-15));
    assertThat(times.scoresMs(0.1, 8, 10)).isCloseTo(times.scoresMs(1, 8, 10), within(1e-15));
  }

  @Test
  void costsByTimesInProportionAreThoseOfTheModel() {
    long[] counts = Zipf.counts(5000);
    ClusterPlan plan = new ClusterPlan(64, 5000, List.of(400, 1500), 2);
    CostModel training = new CostModel(1000, 1e6, 100, 200);
    double expected = 2e-6 * training.expectedCost(plan, counts);
    assertThat(training.measured(linear()).expectedCost(plan, counts))
        .isCloseTo(expected, within(1e-6 * expected));
    assertThat(training.measured(linear()).fullSoftmaxCost(64, 5000))
        .isCloseTo(2e-6 * training.fullSoftmaxCost(64, 5000), within(1e-6));
    ServingCost serving = new ServingCost(1000, 10, 2, 1e6, 100, 0);
    double expectedCall = 2e-6 * serving.expectedCost(plan, counts);
    assertThat(serving.measured(linear()).expectedCost(plan, counts))
        .isCloseTo(expectedCall, within(1e-6 * expectedCall));
    assertThat(serving.measured(linear()).fullSoftmaxCost(64, 5000))
        .isCloseTo(2e-6 * serving.fullSoftmaxCost(64, 5000), within(1e-6));
  }

  @Property(tries = 30)
  void theSearchOverTimesFindsTheCheapestOfAllPlans(
      @ForAll int seed, @ForAll @IntRange(min = 4, max = 11) int nClasses) {
    Random random = new Random(seed);
    long[] counts = random.longs(nClasses, 1, 100).toArray();
    ProductTimes times = times(1e-5, random, 1);
    for (PlanCosts costs :
        List.of(
            new CostModel(20, 10, 2, 3).measured(times),
            new ServingCost(20, 2, 1, 10, 2, 3).measured(times))) {
      ClusterPlan plan =
          CutoffPlanner.builder(16, costs)
              .divValue(2)
              .tails(1, 3)
              .minWidth(1)
              .minTailSize(1)
              .build()
              .plan(counts);
      double least =
          allPlans(nClasses).stream()
              .mapToDouble(other -> costs.expectedCost(other, counts))
              .min()
              .orElseThrow();
      assertThat(costs.expectedCost(plan, counts)).isCloseTo(least, within(1e-9 * least));
    }
  }

  private static List<ClusterPlan> allPlans(int nClasses) {
    List<ClusterPlan> plans = new ArrayList<>();
    for (int chosen = 1; chosen < 1 << (nClasses - 1); chosen++) {
      List<Integer> cutoffs = new ArrayList<>();
      for (int cutoff = 1; cutoff < nClasses; cutoff++) {
        if ((chosen >> (cutoff - 1) & 1) == 1) {
          cutoffs.add(cutoff);
        }
      }
      if (cutoffs.size() <= 3) {
        plans.add(new ClusterPlan(16, nClasses, cutoffs, 2));
      }
    }
    return plans;
  }

  @Test
  void aFileHoldsThem(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("below").resolve("times.json");
    ProductTimes times = times(1e-5, new Random(1), 0.5);
    times.write(file);
    assertThat(ProductTimes.read(file)).isEqualTo(times);
    assertThat(Files.readString(file)).contains("\"processor\":\"a processor\"", "\"scores_ms\":[");
  }

  @Test
  void aFileOfSomethingElseIsRefusedByName(@TempDir Path directory) throws IOException {
    for (String content : List.of("", "null", "{", "[]", "{\"rows\": [1]}", "{\"other\": 1}")) {
      Path file = Files.writeString(directory.resolve("times.json"), content);
      assertThatThrownBy(() -> ProductTimes.read(file))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("no measured products: " + file + ": ");
    }
  }

  @Test
  void refusesBadGrids() {
    List<Double> one = List.of(1.0);
    assertRefused(List.of(), one, "rows must hold a value: []");
    assertRefused(List.of(0), one, "rows must increase from 1: [0]");
    assertRefused(List.of(2, 2), one, "rows must increase from 1: [2, 2]");
    assertRefused(List.of(1, 2), one, "scoresMs must hold 2 values: 1");
    assertRefused(List.of(1), List.of(0.0), "scoresMs must be above 0 and finite: 0.0");
    assertRefused(List.of(1), List.of(Double.NaN), "scoresMs must be above 0 and finite: NaN");
  }

  private static void assertRefused(List<Integer> rows, List<Double> scores, String message) {
    List<Double> step = Collections.nCopies(scores.size(), 1.0);
    assertThatThrownBy(() -> new ProductTimes(MACHINE, rows, List.of(1), List.of(1), scores, step))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
