package org.adaptivesoftmax.bench;

import java.util.concurrent.Callable;
import org.adaptivesoftmax.cli.CommandResult;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.lifecycle.DriftBench;
import org.adaptivesoftmax.lifecycle.DriftReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code bench drift}. */
@Command(
    name = "drift",
    description =
        "Tell what drift says of WordNet's definitions to a model of the nouns', and count its false alarms.")
final class DriftBenchCommand implements Callable<CommandResult> {
  @Option(
      names = "--samples",
      defaultValue = "200",
      description = "Samples of each size. Default: ${DEFAULT-VALUE}.")
  private int samples = 200;

  @Override
  public CommandResult call() throws Exception {
    Require.argument(samples >= 1, "--samples must be at least 1: %s", samples);
    DriftReport report = new DriftBench(samples).run();
    return BenchResult.of(report.text(), report);
  }
}
