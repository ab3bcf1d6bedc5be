package org.adaptivesoftmax.bench;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.cli.CommandResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code bench serve-endurance}. */
@Command(
    name = "serve-endurance",
    description = {
      "Ask a server many times while new versions of its model are published, and watch its memory. Fails if a request"
          + " does, or if, in a million requests and more, it grows by more than 10 MB after the first tenth.",
      "The result is also written to target/bench/serve-endurance.json."
    })
final class ServeEnduranceCommand implements Callable<CommandResult> {
  @Option(
      names = "--model",
      paramLabel = "DIR",
      defaultValue = "savedmodels/wordnet-lm",
      description = "A language model. Default: ${DEFAULT-VALUE}.")
  private Path model = Path.of("savedmodels/wordnet-lm");

  @Option(
      names = "--requests",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "Requests, a multiple of 100. Default: ${DEFAULT-VALUE}.")
  private int requests = 1_000_000;

  @Option(
      names = "--connections",
      paramLabel = "N",
      defaultValue = "16",
      description = "Connections with one request on its way each. Default: ${DEFAULT-VALUE}.")
  private int connections = 16;

  @Option(
      names = "--swap-seconds",
      paramLabel = "S",
      defaultValue = "10",
      description = "Seconds from one version to the next. Default: ${DEFAULT-VALUE}.")
  private int swapSeconds = 10;

  @Override
  public CommandResult call() throws Exception {
    ServeEnduranceReport report =
        new ServeEndurance(model, requests, connections, swapSeconds).run();
    return BenchResult.of(report.text(), report);
  }
}
