package org.adaptivesoftmax.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Choosing cutoffs, and the cost of given ones. */
@State(Scope.Benchmark)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class CutoffPlannerBenchmark {
  /** Number of classes. */
  @Param({"60000", "1000000"})
  public int classes;

  /** What is to be cheap: by the constants, or by times of products. */
  @Param({"training", "serving", "training-measured", "serving-measured"})
  public String objective = "training";

  private long[] counts = {};
  private PlanCosts costs = CostModel.ofBatch(640);
  private CutoffPlanner planner = CutoffPlanner.builder(256, costs).build();

  /** Counts by Zipf's law, and the costs. */
  @Setup
  public void count() {
    counts = Zipf.counts(classes);
    costs =
        switch (objective) {
          case "training" -> CostModel.ofBatch(640);
          case "serving" -> ServingCost.of(16, 10);
          case "training-measured" -> CostModel.ofBatch(640).measured(products());
          case "serving-measured" -> ServingCost.of(16, 10).measured(products());
          default -> throw new IllegalArgumentException(objective);
        };
    planner = CutoffPlanner.builder(256, costs).build();
  }

  /** A grid as large as a machine's. */
  private static ProductTimes products() {
    List<Integer> rows = List.of(1, 4, 16, 64, 256, 1024);
    List<Integer> features = List.of(8, 32, 128, 512);
    List<Integer> products = List.of(64, 512, 4096, 32_768);
    List<Double> ms = new ArrayList<>();
    for (int n : rows) {
      for (int d : features) {
        for (int m : products) {
          ms.add(0.01 + 1e-8 * n * d * m);
        }
      }
    }
    return new ProductTimes(new ProductTimes.Machine("any", 2), rows, features, products, ms, ms);
  }

  /** The planner. */
  @Benchmark
  public ClusterPlan plan() {
    return planner.plan(counts);
  }

  /** The cost of one plan. */
  @Benchmark
  public double expectedCost() {
    return costs.expectedCost(ClusterPlan.of(256, classes, 4_000, 20_000), counts);
  }
}
