package org.adaptivesoftmax.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.adaptivesoftmax.cli.Progress;
import org.adaptivesoftmax.cli.WordIds;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.training.LanguageModelText;
import org.adaptivesoftmax.training.LanguageModelTrainer;
import org.adaptivesoftmax.training.StepProfile;
import org.adaptivesoftmax.training.StepProfiler;
import org.adaptivesoftmax.training.TrainingConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * Times a language model's whole training step, optimizer included: with an adaptive softmax, with a full one and, if
 * wanted, the same model with an adaptive softmax in PyTorch; and tells where the time of the first goes. The time of a
 * round is the mean of several steps.
 *
 * @param python the command of a Python that has PyTorch; null leaves PyTorch out
 * @param rounds number of timed rounds of each contender, at least 1
 * @param steps training steps of a round, at least 1
 */
public record LanguageModelBench(@Nullable String python, int rounds, int steps) {
  private static final int PROFILED_STEPS = 100;

  /**
   * @throws IllegalArgumentException if an argument is out of its range
   */
  public LanguageModelBench {
    Require.argument(rounds >= 1, "rounds must be at least 1: %s", rounds);
    Require.argument(steps >= 1, "steps must be at least 1: %s", steps);
  }

  /**
   * Measures, and writes the result to {@code target/bench/language-model.json}.
   *
   * @param model what is trained; its embedding and its LSTM have the same width
   * @param training how
   * @param text what is learned
   * @throws IllegalArgumentException if PyTorch is wanted and cannot be had, or the text is shorter than one window
   * @throws IOException if a contender fails, or the result cannot be written
   */
  public LanguageModelReport run(
      LanguageModelConfiguration model, TrainingConfiguration training, LanguageModelText text)
      throws IOException, InterruptedException {
    Require.argument(
        model.embedding() == model.hidden(),
        "embedding and hidden must be equal: %d, %d",
        model.embedding(),
        model.hidden());
    StepProfile profile = profile(model, training, text);
    Path ids = BenchFiles.results().resolve("language-model");
    WordIds.write(text, ids, model.vocabulary());
    Set<String> environment = new LinkedHashSet<>();
    Map<Contender, Measured> measured =
        measure(
            environment,
            contender ->
                LanguageModelSpec.of(contender, ids, text.boundary(), model, training, steps));
    environment.add(StepEnvironment.oneDnn());
    LanguageModelReport report =
        new LanguageModelReport(
            new LanguageModelReport.Machine(
                StepEnvironment.device(), Runtime.getRuntime().availableProcessors(), environment),
            new LanguageModelReport.Model(
                model.vocabulary(), model.plan().cutoffs(), training.batch() * training.steps()),
            rounds,
            measured,
            profile);
    BenchFiles.write("language-model.json", report);
    return report;
  }

  private static StepProfile profile(
      LanguageModelConfiguration model, TrainingConfiguration training, LanguageModelText text) {
    try (LanguageModelTrainer trainer = new LanguageModelTrainer(model, training, text);
        StepProfiler profiler = new StepProfiler(trainer)) {
      return profiler.profile(PROFILED_STEPS);
    }
  }

  private Map<Contender, Measured> measure(
      Set<String> environment, Function<Contender, LanguageModelSpec> specs)
      throws IOException, InterruptedException {
    try (Comparison comparison = new Comparison();
        Progress progress =
            new Progress("language model", "rounds", Comparison.allRounds(rounds))) {
      for (Contender contender : List.of(Contender.OURS, Contender.FULL_SOFTMAX)) {
        Worker worker = Worker.tensorflow(contender, LanguageModelWorker.class);
        environment.add(comparison.add(worker, specs.apply(contender)));
      }
      if (python != null) {
        Worker worker = Worker.pytorch(python, BenchFiles.pytorchLanguageModel());
        environment.add(comparison.add(worker, specs.apply(Contender.PYTORCH)));
      }
      return comparison.runForTimes(rounds, progress::step);
    }
  }
}
