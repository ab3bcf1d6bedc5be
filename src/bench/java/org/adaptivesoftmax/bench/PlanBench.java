package org.adaptivesoftmax.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.adaptivesoftmax.cli.Progress;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.CostModel;
import org.adaptivesoftmax.cluster.CutoffPlanner;
import org.adaptivesoftmax.cluster.PlanCosts;
import org.adaptivesoftmax.cluster.ProductTimes;
import org.adaptivesoftmax.cluster.ServingCost;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.training.ProductTimer;

/**
 * Times twelve plans of one layer, in a training step with Adam and in the top k of a batch, beside what they are expected
 * to cost. Classes occur by Zipf's law. Plans take turns, so that whatever else the machine does meets all.
 *
 * @param inFeatures width of the input, at least 32
 * @param nClasses number of classes, at least 4,000
 * @param rows of a training step, at least 1
 * @param batch rows of a top k, at least 1
 * @param rounds how often each plan is timed, at least 1
 * @param timer of this machine's products, with the threads that compute
 */
public record PlanBench(
    int inFeatures, int nClasses, int rows, int batch, int rounds, ProductTimer timer) {
  private static final int K = 10;
  private static final long COMMONEST = 1_000_000_000;

  /** Cutoffs as parts of the classes, and divValue. */
  private static final List<List<Double>> SHAPES =
      List.of(
          List.of(4.0, 0.032, 0.19),
          List.of(2.0, 0.032, 0.19),
          List.of(2.0, 0.008, 0.08),
          List.of(2.0, 0.127, 0.475),
          List.of(4.0, 0.317),
          List.of(2.0, 0.016),
          List.of(2.0, 0.016, 0.063, 0.25),
          List.of(1.5, 0.063, 0.16, 0.475),
          List.of(2.0, 0.005, 0.024, 0.127, 0.475),
          List.of(2.0, 0.475));

  /**
   * @throws IllegalArgumentException if an argument is out of its range
   */
  public PlanBench {
    Require.argument(inFeatures >= 32, "features must be at least 32: %d", inFeatures);
    Require.argument(nClasses >= 4_000, "classes must be at least 4000: %d", nClasses);
    Require.argument(rows >= 1, "rows must be at least 1: %d", rows);
    Require.argument(batch >= 1, "batch must be at least 1: %d", batch);
    Require.argument(rounds >= 1, "rounds must be at least 1: %d", rounds);
  }

  /**
   * Measures, and writes the result to {@code target/bench/plan.json}.
   *
   * @throws IOException if the result cannot be written
   */
  public PlanBenchReport run() throws IOException, InterruptedException {
    long[] counts = LongStream.rangeClosed(1, nClasses).map(rank -> COMMONEST / rank).toArray();
    ProductTimes products;
    try (Progress progress = new Progress("products", "shapes", timer.grid().size())) {
      products = timer.measure(done -> progress.step());
    }
    List<ClusterPlan> plans = plans(counts);
    List<Double> training =
        times(
            "training steps",
            plans,
            plan ->
                PlannedLayer.training(
                    StepBatch.zipf(new StepShape("", rows, plan), 1), timer.threads()));
    List<Double> serving =
        times(
            "top k",
            plans,
            plan ->
                PlannedLayer.serving(
                    plan, counts, ServingCost.DEFAULT_SPREAD, batch, K, timer.threads()));
    Map<String, PlanCosts> costs = costs(products);
    List<PlanTimes> results = new ArrayList<>();
    for (int i = 0; i < plans.size(); i++) {
      ClusterPlan plan = plans.get(i);
      Map<String, Double> expected = new LinkedHashMap<>();
      costs.forEach((name, cost) -> expected.put(name, cost.expectedCost(plan, counts)));
      results.add(
          new PlanTimes(
              plan.cutoffs(), plan.divValue(), training.get(i), serving.get(i), expected));
    }
    PlanBenchReport report =
        new PlanBenchReport(StepEnvironment.device(), timer.threads(), layer(), results);
    BenchFiles.write("plan.json", report);
    return report;
  }

  private String layer() {
    return "%,d classes of %d features; steps of %d rows, the top %d of %d rows"
        .formatted(nClasses, inFeatures, rows, K, batch);
  }

  private Map<String, PlanCosts> costs(ProductTimes products) {
    CostModel training = CostModel.ofBatch(rows);
    ServingCost serving = ServingCost.of(batch, K);
    Map<String, PlanCosts> costs = new LinkedHashMap<>();
    costs.put(PlanBenchReport.TRAINING, training);
    costs.put(PlanBenchReport.TRAINING + PlanBenchReport.MEASURED, training.measured(products));
    costs.put(PlanBenchReport.SERVING, serving);
    costs.put(PlanBenchReport.SERVING + PlanBenchReport.MEASURED, serving.measured(products));
    return costs;
  }

  /** Ten by hand, and what a planner chooses for training and for serving. */
  private List<ClusterPlan> plans(long[] counts) {
    List<ClusterPlan> plans = new ArrayList<>();
    for (List<Double> shape : SHAPES) {
      List<Integer> cutoffs = shape.stream().skip(1).map(part -> (int) (part * nClasses)).toList();
      plans.add(new ClusterPlan(inFeatures, nClasses, cutoffs, shape.get(0)));
    }
    for (PlanCosts costs : List.of(CostModel.ofBatch(rows), ServingCost.of(batch, K))) {
      plans.add(CutoffPlanner.builder(inFeatures, costs).build().plan(counts));
    }
    return plans;
  }

  /** Builds a plan's layer. */
  @FunctionalInterface
  private interface Layer {
    PlannedLayer of(ClusterPlan plan);
  }

  /** The median time of each plan. */
  private List<Double> times(String title, List<ClusterPlan> plans, Layer layer) {
    List<PlannedLayer> layers = new ArrayList<>();
    List<List<Double>> ms = new ArrayList<>();
    try (Progress progress = new Progress(title, "rounds", rounds)) {
      for (ClusterPlan plan : plans) {
        layers.add(layer.of(plan));
        ms.add(new ArrayList<>());
      }
      layers.forEach(PlannedLayer::milliseconds);
      for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < layers.size(); i++) {
          // The second of two in a row: the first finds another plan's weights in the caches.
          layers.get(i).milliseconds();
          ms.get(i).add(layers.get(i).milliseconds());
        }
        progress.step();
      }
    } finally {
      layers.forEach(PlannedLayer::close);
    }
    return ms.stream().map(each -> new Measured(each, null).medianMs()).toList();
  }
}
