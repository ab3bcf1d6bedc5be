package org.adaptivesoftmax.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.cli.CommandResult;
import org.adaptivesoftmax.internal.io.FileTree;
import org.adaptivesoftmax.lifecycle.RebucketBench;
import org.adaptivesoftmax.lifecycle.RebucketReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code bench rebucket}. */
@Command(
    name = "rebucket",
    description = {
      "Measure what re-bucketing a language model keeps and costs, against training anew, on two pairs of texts out of"
          + " WordNet."
    })
final class RebucketBenchCommand implements Callable<CommandResult> {
  @Option(
      names = "--epochs",
      defaultValue = "2",
      description = "Passes of each training from the start. Default: ${DEFAULT-VALUE}.")
  private int epochs = 2;

  @Option(
      names = "--lines",
      defaultValue = "118000",
      description = "About how many lines of text to use. Default: ${DEFAULT-VALUE}, all.")
  private long lines = 118_000;

  @Override
  public CommandResult call() throws Exception {
    Path directory = Files.createTempDirectory("adaptive-softmax-rebucket");
    try {
      RebucketReport report =
          new RebucketBench(epochs, lines, directory, System.err::println).run();
      return BenchResult.of(report.text(), report);
    } finally {
      FileTree.delete(directory);
    }
  }
}
