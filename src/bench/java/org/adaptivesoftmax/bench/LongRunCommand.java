package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.cli.CommandResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code bench long-run}. */
@Command(
    name = "long-run",
    description = {
      "Train a tiny language model for many steps and look for anything that grows after the first 1,000: resident memory"
          + " by more than 10 MB, native handles, the graph. Fails if something does.",
      "The result is also written to target/bench/long-run.json."
    })
final class LongRunCommand implements Callable<CommandResult> {
  /** The report as it stands. */
  private record Result(@JsonUnwrapped LongRunReport report) implements CommandResult {
    @Override
    public String text() {
      return report.text();
    }
  }

  @Option(
      names = "--steps",
      defaultValue = "20000",
      description = "Training steps, a multiple of --every. Default: ${DEFAULT-VALUE}.")
  private int steps = 20_000;

  @Option(
      names = "--every",
      defaultValue = "1000",
      description = "Steps from one sample to the next. Default: ${DEFAULT-VALUE}.")
  private int every = 1_000;

  @Override
  public CommandResult call() throws Exception {
    return new Result(new LongRun(steps, every).run());
  }
}
