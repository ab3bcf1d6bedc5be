package org.adaptivesoftmax.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.adaptivesoftmax.bench.DistributedReport.Model;
import org.adaptivesoftmax.bench.DistributedReport.Way;
import org.adaptivesoftmax.cli.Progress;
import org.adaptivesoftmax.cli.WordIds;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.training.LanguageModelText;
import org.adaptivesoftmax.training.TrainingConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * Times a language model's training step in one process and in several, on as many threads in all. The ways take turns; the
 * time of a round is the mean of several steps.
 *
 * @param python the command of a Python that has PyTorch; null leaves PyTorch out
 * @param threads of all processes of a way
 * @param rounds number of timed rounds of each way, at least 1
 * @param steps training steps of a round, at least 1
 * @param gbits speeds of the network that scaling is computed for, in Gbit/s
 */
record DistributedBench(
    @Nullable String python, int threads, int rounds, int steps, List<Double> gbits) {
  private static final int WARM_UP_ROUNDS = 2;
  private static final double BYTES = Float.BYTES / 1e6;

  /**
   * @throws IllegalArgumentException if an argument is out of its range
   */
  DistributedBench {
    Require.argument(threads >= 2, "threads must be at least 2: %s", threads);
    Require.argument(rounds >= 1, "rounds must be at least 1: %s", rounds);
    Require.argument(steps >= 1, "steps must be at least 1: %s", steps);
    gbits.forEach(gbit -> Require.argument(gbit > 0, "gbits must be above 0: %s", gbit));
  }

  /** A model, and what it learns. */
  record Shape(String name, LanguageModelConfiguration model, LanguageModelText text) {}

  /**
   * Measures, and writes the result to {@code target/bench/distributed.json}.
   *
   * @throws IllegalArgumentException if PyTorch is wanted and missing
   * @throws IOException if a process fails, or the result cannot be written
   */
  DistributedReport run(List<Shape> shapes) throws IOException, InterruptedException {
    List<Model> models = new ArrayList<>();
    for (Shape shape : shapes) {
      models.add(measure(shape));
    }
    DistributedReport report =
        new DistributedReport(StepEnvironment.device(), threads, rounds, models);
    BenchFiles.write("distributed.json", report);
    return report;
  }

  private Model measure(Shape shape) throws IOException, InterruptedException {
    TrainingConfiguration training = TrainingConfiguration.builder().build();
    Path ids = BenchFiles.results().resolve("distributed-" + shape.name);
    WordIds.write(shape.text, ids, shape.model.vocabulary());
    ClusterSpec spec =
        new ClusterSpec(
            Map.of(),
            new ClusterSpec.Place("", 0, 1, threads),
            new LanguageModelSpec.Source(ids.toString(), shape.text.boundary()),
            ClusterSpec.Network.of(shape.model),
            new LanguageModelSpec.Course(
                training.batch(), training.steps(), training.learningRate().first(), steps));
    Map<ClusterWay, Way> measured = measure(shape, spec);
    int tokens = training.batch() * training.steps();
    return new Model(
        shape.name,
        spec.network(),
        tokens,
        weights(shape.model),
        measured,
        scaling(measured, tokens));
  }

  private Map<ClusterWay, Way> measure(Shape shape, ClusterSpec spec)
      throws IOException, InterruptedException {
    Map<ClusterWay, ClusterProcesses> running = new EnumMap<>(ClusterWay.class);
    Map<ClusterWay, List<Double>> times = new EnumMap<>(ClusterWay.class);
    try (Progress progress = new Progress(shape.name, "rounds", WARM_UP_ROUNDS + rounds)) {
      for (ClusterWay way : ClusterWay.values()) {
        // PyTorch's model has one width.
        if (!way.isPyTorch()
            || (python != null && shape.model.embedding() == shape.model.hidden())) {
          running.put(way, ClusterProcesses.start(way, python, spec));
          times.put(way, new ArrayList<>());
        }
      }
      for (int round = 0; round < WARM_UP_ROUNDS + rounds; round++) {
        for (ClusterWay way : running.keySet()) {
          double ms = get(running, way).step();
          if (round >= WARM_UP_ROUNDS) {
            get(times, way).add(ms);
          }
        }
        progress.step();
      }
      Map<ClusterWay, Way> measured = new EnumMap<>(ClusterWay.class);
      for (ClusterWay way : running.keySet()) {
        ClusterProcesses processes = get(running, way);
        Map<String, @Nullable Double> peaks = processes.peakMb();
        measured.put(
            way, new Way(new Measured(get(times, way), null), processes.megabytes(), peaks));
      }
      return measured;
    } finally {
      running.values().forEach(ClusterProcesses::close);
    }
  }

  private static <V> V get(Map<ClusterWay, V> map, ClusterWay way) {
    return Objects.requireNonNull(map.get(way), way.key());
  }

  /** In MB, of what two replicas send: what one sends is half of it. */
  private List<NetworkModel.Scaling> scaling(Map<ClusterWay, Way> measured, int tokens) {
    Map<String, Double> sent = get(measured, ClusterWay.TWO_REPLICAS).megabytes();
    NetworkModel model =
        new NetworkModel(
            get(measured, ClusterWay.ONE_PROCESS).times().medianMs(),
            tokens,
            Objects.requireNonNull(sent.get("dense_gradients")) / 2,
            // Each of two sent the rows of half a batch.
            Objects.requireNonNull(sent.get("embedding_rows")));
    return gbits.stream().map(model::at).toList();
  }

  private static Map<String, Double> weights(LanguageModelConfiguration model) {
    ClusterPlan plan = model.plan();
    double tails = 0;
    for (int tail = 0; tail < plan.nTails(); tail++) {
      tails += (double) plan.tailWidth(tail) * (plan.inFeatures() + plan.tailSize(tail));
    }
    Map<String, Double> weights = new LinkedHashMap<>();
    weights.put("embedding", BYTES * model.vocabulary() * model.embedding());
    weights.put("lstm", BYTES * 4 * model.hidden() * (model.embedding() + model.hidden() + 1.0));
    weights.put("head", BYTES * plan.headSize() * plan.inFeatures());
    weights.put("tails", BYTES * tails);
    return weights;
  }
}
