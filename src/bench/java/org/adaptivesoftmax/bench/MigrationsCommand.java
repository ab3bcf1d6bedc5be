package org.adaptivesoftmax.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.cli.CommandResult;
import org.adaptivesoftmax.cli.InputFile;
import org.adaptivesoftmax.cluster.StabilityRule;
import org.adaptivesoftmax.text.Corpus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code bench migrations}. */
@Command(
    name = "migrations",
    description = {
      "Count the tokens that change cluster between two halves of a text, with and without the rule that keeps tokens in"
          + " their cluster.",
      "The result is also written to target/bench/migrations.json."
    })
final class MigrationsCommand implements Callable<CommandResult> {
  @Option(
      names = "--corpus",
      paramLabel = "FILE",
      converter = InputFile.class,
      description = "Text, may be given several times. Default: WordNet's definitions.")
  private List<Path> corpus = new ArrayList<>();

  @Option(
      names = "--features",
      defaultValue = "256",
      description = "Width of the input. Default: ${DEFAULT-VALUE}.")
  private int features = 256;

  @Option(
      names = "--rows",
      defaultValue = "640",
      description = "Rows of a training step. Default: ${DEFAULT-VALUE}.")
  private int rows = 640;

  @Option(
      names = "--deviations",
      defaultValue = "2.576",
      description = "How far beyond a cutoff a count must be to move. Default: ${DEFAULT-VALUE}.")
  private double deviations = StabilityRule.DEFAULT.deviations();

  @Override
  public CommandResult call() throws Exception {
    MigrationsReport report =
        new MigrationsBench(
                corpus.isEmpty() ? Corpus.wordNet() : Corpus.ofFiles(corpus),
                features,
                rows,
                new StabilityRule(deviations, StabilityRule.DEFAULT.maxExtraCost()))
            .run();
    return BenchResult.of(report.text(), report);
  }
}
