package org.adaptivesoftmax.bench;

import java.util.List;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.cli.CommandResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code bench count}. */
@Command(
    name = "count",
    description = {
      "Count the tokens of generated text by every engine of the command count, on one core and on more. Fails if two counts"
          + " differ in a byte.",
      "Needs Spark's engine, built by mvn -Pspark package, and taskset."
    })
final class CountBenchCommand implements Callable<CommandResult> {
  @Option(
      names = "--megabytes",
      defaultValue = "100",
      description = "Size of the text. Default: ${DEFAULT-VALUE}.")
  private int megabytes = 100;

  @Option(
      names = "--distinct",
      defaultValue = "1000000",
      description = "Distinct tokens of the text. Default: ${DEFAULT-VALUE}.")
  private int distinct = 1_000_000;

  @Option(
      names = "--cores",
      split = ",",
      paramLabel = "N",
      defaultValue = "1,2",
      description = "Numbers of cores. Default: ${DEFAULT-VALUE}.")
  private List<Integer> cores = List.of();

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Seed of the text. Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Override
  public CommandResult call() throws Exception {
    ZipfText text = new ZipfText(megabytes * 1_000_000L, distinct, seed);
    CountReport report = new CountBench(text, cores).run();
    return BenchResult.of(report.text(), report);
  }
}
