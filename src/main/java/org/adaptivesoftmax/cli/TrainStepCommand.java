package org.adaptivesoftmax.cli;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.cli.bench.StepShape;
import org.adaptivesoftmax.cli.bench.TrainStepBench;
import org.adaptivesoftmax.cli.bench.TrainStepReport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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
  private static final String PYTHON = "ADAPTIVE_SOFTMAX_PYTHON";

  private enum Peer {
    pytorch
  }

  /** The report as it stands. */
  private record Result(@JsonUnwrapped TrainStepReport report) implements CommandResult {
    @Override
    public String text() {
      return report.text();
    }
  }

  @Option(
      names = "--peer",
      description =
          "Also time ${COMPLETION-CANDIDATES}'s module; the variable "
              + PYTHON
              + " names the Python, python3 by default.")
  private @Nullable Peer peer;

  @Option(
      names = "--shape",
      defaultValue = "wikitext-103",
      description =
          "default-corpus, small, wikitext-103, billion-word or all. Default: ${DEFAULT-VALUE}.")
  private String shape = "wikitext-103";

  @Option(names = "--compiled", description = "Also time the form that XLA compiles.")
  private boolean compiled;

  @Option(
      names = "--rounds",
      defaultValue = "15",
      description = "Timed steps of each contender. Default: ${DEFAULT-VALUE}.")
  private int rounds = 15;

  @Option(names = "--threads", description = "Threads of each contender. Default: all.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Override
  public CommandResult call() throws Exception {
    String python = Optional.ofNullable(System.getenv(PYTHON)).orElse("python3");
    return new Result(
        new TrainStepBench(
                StepShape.named(shape),
                compiled,
                peer == Peer.pytorch ? python : null,
                rounds,
                threads)
            .run());
  }
}
