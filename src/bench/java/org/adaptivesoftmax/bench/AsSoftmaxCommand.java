package org.adaptivesoftmax.bench;

import java.util.concurrent.Callable;
import org.adaptivesoftmax.cli.CommandResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code bench as-softmax}. */
@Command(
    name = "as-softmax",
    description = {
      "Time AS-Softmax's step with the backward pass of all rows and of the unfinished rows alone, by the share of finished"
          + " rows.",
      "The result is also written to target/bench/as-softmax.json."
    })
final class AsSoftmaxCommand implements Callable<CommandResult> {
  @Option(
      names = "--rounds",
      defaultValue = "15",
      description = "Timed steps of each. Default: ${DEFAULT-VALUE}.")
  private int rounds = 15;

  @Option(names = "--threads", description = "Threads. Default: all.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Override
  public CommandResult call() throws Exception {
    AsSoftmaxReport report = new AsSoftmaxBench(rounds, threads).run();
    return BenchResult.of(report.text(), report);
  }
}
