package org.adaptivesoftmax.bench;

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
    LongRunReport report = new LongRun(steps, every).run();
    return BenchResult.of(report.text(), report);
  }
}
