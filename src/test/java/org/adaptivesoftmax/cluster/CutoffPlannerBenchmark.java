package org.adaptivesoftmax.cluster;

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

  private long[] counts = {};
  private CostModel costs = CostModel.ofBatch(640);
  private CutoffPlanner planner = CutoffPlanner.builder(256, costs).build();

  /** Counts by Zipf's law. */
  @Setup
  public void count() {
    counts = Zipf.counts(classes);
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
