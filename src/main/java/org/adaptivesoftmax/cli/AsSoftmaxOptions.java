package org.adaptivesoftmax.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.adaptivesoftmax.training.ClassifierLoss;
import org.adaptivesoftmax.training.ClassifierLoss.Kind;
import org.adaptivesoftmax.training.ClassifierLoss.Skipping;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of AS-Softmax. */
final class AsSoftmaxOptions {
  private static final double DEFAULT_WARMUP_RATIO = 0.1;

  @Option(
      names = "--delta",
      paramLabel = "D",
      description =
          "AS-Softmax drops a class that the right one beats by more than D, in (0, 1] (default:"
              + " 0.1).")
  private @Nullable Double delta;

  @Option(
      names = "--initial-delta",
      paramLabel = "D",
      description = "Delta at the beginning of the warm-up, in (0, 1] (default: 1, plain softmax).")
  private @Nullable Double initialDelta;

  @Option(
      names = "--warmup-ratio",
      paramLabel = "R",
      description =
          "Share of the training in which delta goes from its initial to its final value, in [0, 1]"
              + " (default: 0.1 with --initial-delta, else 0).")
  private @Nullable Double warmupRatio;

  @Option(
      names = "--accumulate",
      paramLabel = "N",
      description =
          "AS-Speed: up to N batches in an optimizer step, as examples are finished (default: 1).")
  private @Nullable Integer accumulate;

  @Option(
      names = "--accumulate-lambda",
      paramLabel = "L",
      description = "AS-Speed's lambda: more batches with a larger one (default: 1).")
  private @Nullable Double accumulateLambda;

  @Option(
      names = "--skip-finished-rows",
      arity = "0..1",
      paramLabel = "HOW",
      fallbackValue = "two-pass",
      converter = Choice.OfSkipping.class,
      completionCandidates = Choice.OfSkipping.class,
      description =
          "Leave finished examples out of the backward pass; the gradients are the same. two-pass:"
              + " all forward, the unfinished once more; speculative, with --encoder: those guessed"
              + " unfinished at once (default: none; two-pass if HOW is left out).")
  private Skipping skipping = Skipping.NONE;

  /**
   * A loss, AS-Softmax with these options.
   *
   * @throws IllegalArgumentException if a value is out of its range, or one of these options was given for another loss
   */
  ClassifierLoss loss(Kind kind) {
    if (kind != Kind.AS_SOFTMAX) {
      requireNone();
      return ClassifierLoss.of(kind);
    }
    ClassifierLoss.Builder loss = ClassifierLoss.asSoftmax().skipping(skipping);
    if (delta != null) {
      loss.delta(delta);
    }
    if (initialDelta != null) {
      loss.initialDelta(initialDelta).warmupRatio(DEFAULT_WARMUP_RATIO);
    }
    if (warmupRatio != null) {
      loss.warmupRatio(warmupRatio);
    }
    if (accumulate != null) {
      loss.accumulate(accumulate);
    }
    if (accumulateLambda != null) {
      loss.accumulateLambda(accumulateLambda);
    }
    return loss.build();
  }

  private void requireNone() {
    Map<String, Boolean> given = new LinkedHashMap<>();
    given.put("--delta", delta != null);
    given.put("--initial-delta", initialDelta != null);
    given.put("--warmup-ratio", warmupRatio != null);
    given.put("--accumulate", accumulate != null);
    given.put("--accumulate-lambda", accumulateLambda != null);
    given.put("--skip-finished-rows", skipping != Skipping.NONE);
    given.forEach(
        (option, isGiven) -> {
          if (isGiven) {
            throw new IllegalArgumentException(option + " needs --loss as-softmax");
          }
        });
  }
}
