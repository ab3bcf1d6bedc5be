package org.adaptivesoftmax.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.adaptivesoftmax.cli.Progress;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.internal.io.Require;
import org.jspecify.annotations.Nullable;

/**
 * Times a training step without its optimizer: {@link org.adaptivesoftmax.AdaptiveSoftmax}, the products of matrices that
 * it cannot avoid, {@link org.adaptivesoftmax.FullSoftmax} and, if wanted, PyTorch's {@code nn.AdaptiveLogSoftmaxWithLoss}.
 * All have the same targets, inputs and weights from the same distributions, and the same number of threads.
 *
 * @param shapes to measure, one after the other
 * @param compiled whether to time the layer's compiled form too
 * @param python the command of a Python that has PyTorch; null leaves PyTorch out
 * @param rounds number of timed steps of each contender, at least 1
 * @param threads number of threads of each contender, at least 1
 */
public record TrainStepBench(
    List<StepShape> shapes, boolean compiled, @Nullable String python, int rounds, int threads) {
  private static final long SEED = 1;

  /**
   * @throws IllegalArgumentException if an argument is out of its range
   */
  public TrainStepBench {
    shapes = List.copyOf(shapes);
    Require.argument(rounds >= 1, "rounds must be at least 1: %s", rounds);
    Require.argument(threads >= 1, "threads must be at least 1: %s", threads);
  }

  /**
   * Measures, and writes the result to {@code target/bench/train-step.json}.
   *
   * @throws IllegalArgumentException if PyTorch is wanted and cannot be had
   * @throws IOException if a contender fails, or the result cannot be written
   */
  public TrainStepReport run() throws IOException, InterruptedException {
    TrainStepReport report = measure();
    BenchFiles.write("train-step.json", report);
    return report;
  }

  TrainStepReport measure() throws IOException, InterruptedException {
    List<ShapeTimes> results = new ArrayList<>();
    Set<String> environment = new LinkedHashSet<>();
    for (StepShape shape : shapes) {
      results.add(measure(shape, environment));
    }
    environment.add(StepEnvironment.oneDnn());
    return new TrainStepReport(
        StepEnvironment.device(), threads, List.copyOf(environment), List.copyOf(results));
  }

  private ShapeTimes measure(StepShape shape, Set<String> environment)
      throws IOException, InterruptedException {
    StepBatch batch = StepBatch.zipf(shape, SEED);
    String skipped = fullSoftmaxSkipped(shape);
    try (Comparison comparison = new Comparison()) {
      environment.add(addTensorFlow(comparison, Contender.OURS, batch));
      if (compiled) {
        environment.add(addTensorFlow(comparison, Contender.COMPILED, batch));
      }
      environment.add(addTensorFlow(comparison, Contender.MATMUL_FLOOR, batch));
      if (skipped == null) {
        environment.add(addTensorFlow(comparison, Contender.FULL_SOFTMAX, batch));
      }
      if (python != null) {
        Worker pytorch = Worker.pytorch(python, BenchFiles.pytorchTrainStep());
        environment.add(comparison.add(pytorch, StepSpec.of(Contender.PYTORCH, batch, threads)));
      }
      return new ShapeTimes(shape, rounds, run(comparison, shape.name()), skipped);
    }
  }

  private String addTensorFlow(Comparison comparison, Contender contender, StepBatch batch)
      throws IOException {
    Worker worker = Worker.tensorflow(contender, StepWorker.class);
    return comparison.add(worker, StepSpec.of(contender, batch, threads));
  }

  private Map<Contender, Measured> run(Comparison comparison, String shape)
      throws IOException, InterruptedException {
    try (Progress progress = new Progress(shape, "rounds", Comparison.allRounds(rounds))) {
      return comparison.run(rounds, progress::step);
    }
  }

  /** Why a full softmax has no place in memory; null if it has. */
  private static @Nullable String fullSoftmaxSkipped(StepShape shape) throws IOException {
    ClusterPlan plan = shape.plan();
    double weight = (double) Float.BYTES * plan.nClasses() * plan.inFeatures();
    double logits = (double) Float.BYTES * plan.nClasses() * shape.rows();
    // A step holds the weight and the logits, each with its gradient.
    double needed = 2 * weight + 2 * logits;
    Optional<Double> available = ResidentMemory.availableBytes();
    return available.isPresent() && needed > available.get()
        ? "it needs %.1f GB of memory, %.1f are free".formatted(needed / 1e9, available.get() / 1e9)
        : null;
  }
}
