package org.adaptivesoftmax.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.adaptivesoftmax.cli.Progress;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.jspecify.annotations.Nullable;

/**
 * Times the exact top k: {@link org.adaptivesoftmax.AdaptiveSoftmax#topK}, a full softmax of the same classes and inputs,
 * and, if wanted, PyTorch's {@code nn.AdaptiveLogSoftmaxWithLoss.log_prob(x).topk(k)}. One layer has 267,735 classes and the
 * weights that it starts with; another is that of a language model. The full softmax and PyTorch have random weights of the
 * same shapes in both, since their times do not depend on them.
 *
 * @param model a language model to measure beside the random layer; null for none
 * @param batches numbers of rows, each at least 1
 * @param k how many classes, at least 1 and at most the size of the smallest shortlist
 * @param python the command of a Python that has PyTorch; null leaves PyTorch out
 * @param rounds number of timed calls of each contender, at least 1
 * @param threads number of threads of each contender, at least 1
 */
public record DecodeBench(
    @Nullable ModelDirectory model,
    List<Integer> batches,
    int k,
    @Nullable String python,
    int rounds,
    int threads) {
  /**
   * @throws IllegalArgumentException if an argument is out of its range
   */
  public DecodeBench {
    batches = List.copyOf(batches);
    Require.argument(!batches.isEmpty(), "batches must hold at least one number: %s", batches);
    batches.forEach(batch -> Require.argument(batch >= 1, "batches must be at least 1: %s", batch));
    Require.argument(k >= 1, "k must be at least 1: %s", k);
    Require.argument(rounds >= 1, "rounds must be at least 1: %s", rounds);
    Require.argument(threads >= 1, "threads must be at least 1: %s", threads);
  }

  /**
   * Measures, and writes the result to {@code target/bench/decode.json}.
   *
   * @throws IllegalArgumentException if PyTorch is wanted and cannot be had, the model is no language model with an adaptive
   *     softmax, or k is above the size of a shortlist
   * @throws IOException if a contender fails, or the result cannot be written
   */
  public DecodeReport run() throws IOException, InterruptedException {
    List<DecodeShape> shapes = new ArrayList<>(List.of(DecodeShape.RANDOM));
    if (model != null) {
      shapes.add(DecodeShape.ofModel(model));
    }
    return run(shapes);
  }

  DecodeReport run(List<DecodeShape> shapes) throws IOException, InterruptedException {
    for (DecodeShape shape : shapes) {
      int shortlist = shape.plan().shortlistSize();
      Require.argument(
          k <= shortlist, "k must be in 1..%d (size of the shortlist): %d", shortlist, k);
    }
    List<DecodeTimes> results = new ArrayList<>();
    Set<String> environment = new LinkedHashSet<>();
    for (DecodeShape shape : shapes) {
      for (int batch : batches) {
        results.add(measure(shape, batch, environment));
      }
    }
    environment.add(StepEnvironment.oneDnn());
    DecodeReport report =
        new DecodeReport(
            StepEnvironment.device(), threads, List.copyOf(environment), List.copyOf(results));
    BenchFiles.write("decode.json", report);
    return report;
  }

  private DecodeTimes measure(DecodeShape shape, int batch, Set<String> environment)
      throws IOException, InterruptedException {
    try (Comparison comparison = new Comparison()) {
      Worker ours = Worker.tensorflow(Contender.OURS, DecodeWorker.class);
      environment.add(comparison.add(ours, spec(Contender.OURS, shape, batch)));
      Worker full = Worker.tensorflow(Contender.FULL_SOFTMAX, DecodeWorker.class);
      environment.add(comparison.add(full, spec(Contender.FULL_SOFTMAX, shape, batch)));
      if (python != null) {
        Worker pytorch = Worker.pytorch(python, BenchFiles.pytorchDecode());
        environment.add(comparison.add(pytorch, spec(Contender.PYTORCH, shape, batch)));
      }
      Map<Contender, Measured> measured = run(comparison, shape.name() + " × " + batch);
      return new DecodeTimes(shape.name(), batch, k, rounds, measured, ours.tailWorkSkipped());
    }
  }

  private DecodeSpec spec(Contender contender, DecodeShape shape, int batch) {
    return DecodeSpec.of(contender, shape, batch, k, threads);
  }

  private Map<Contender, Measured> run(Comparison comparison, String title)
      throws IOException, InterruptedException {
    try (Progress progress = new Progress(title, "rounds", Comparison.allRounds(rounds))) {
      return comparison.runForTimes(rounds, progress::step);
    }
  }
}
