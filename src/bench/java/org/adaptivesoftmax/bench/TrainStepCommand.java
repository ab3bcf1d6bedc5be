package org.adaptivesoftmax.bench;

import java.util.concurrent.Callable;
import org.adaptivesoftmax.cli.CommandResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code bench train-step}. */
@Command(
    name = "train-step",
    description = {
      "Time a training step's loss and gradients, of this library's layers and of the matrix products alone.",
      "Every contender runs in a process of its own, in turn with the others. The result is also written to"
          + " target/bench/train-step.json."
    })
final class TrainStepCommand implements Callable<CommandResult> {
  @Option(
      names = "--shape",
      defaultValue = "wikitext-103",
      description =
          "default-corpus, default-corpus-planned, small, wikitext-103, billion-word or all."
              + " Default: ${DEFAULT-VALUE}.")
  private String shape = "wikitext-103";

  @Option(names = "--compiled", description = "Also time the form that XLA compiles.")
  private boolean compiled;

  @Mixin private final ContenderOptions contenders = new ContenderOptions();

  @Override
  public CommandResult call() throws Exception {
    TrainStepReport report =
        new TrainStepBench(
                StepShape.named(shape),
                compiled,
                contenders.python(),
                contenders.rounds,
                contenders.threads)
            .run();
    return BenchResult.of(report.text(), report);
  }
}
