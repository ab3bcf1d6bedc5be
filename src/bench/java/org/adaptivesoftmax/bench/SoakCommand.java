package org.adaptivesoftmax.bench;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.bench.soak.SoakReport;
import org.adaptivesoftmax.cli.CommandResult;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code bench soak}. */
@Command(
    name = "soak",
    description = {
      "A long day: a model in a process and a server answer texts of 1 to 100,000 words while versions come by rename, by"
          + " link and half copied, callers are interrupted, clients closed, and a proxy delays, resets and floods.",
      "Fails if an answer is not that of its row alone, an error is not documented or late, or, in half an hour and more,"
          + " memory, threads or descriptors grow. The result is also written to target/bench/soak.json."
    })
final class SoakCommand implements Callable<CommandResult> {
  private static final double SECONDS_PER_MINUTE = 60;
  private static final double MINUTES_PER_HOUR = 60;

  /** How long. */
  static final class Time {
    @Option(names = "--hours", paramLabel = "H", description = "How long, in hours.")
    @Nullable Double hours;

    @Option(names = "--minutes", paramLabel = "M", description = "How long, in minutes.")
    @Nullable Double minutes;

    double seconds() {
      double all = hours != null ? hours * MINUTES_PER_HOUR : minutes != null ? minutes : 1;
      return SECONDS_PER_MINUTE * all;
    }
  }

  @ArgGroup(multiplicity = "1")
  private Time time = new Time();

  @Option(
      names = "--model",
      paramLabel = "DIR",
      defaultValue = "savedmodels/samples/language-model",
      description = "A language model. Default: ${DEFAULT-VALUE}.")
  private Path model = Path.of("savedmodels/samples/language-model");

  @Option(
      names = "--layer",
      paramLabel = "DIR",
      defaultValue = "savedmodels/samples/output-layer",
      description = "An output layer. Default: ${DEFAULT-VALUE}.")
  private Path layer = Path.of("savedmodels/samples/output-layer");

  @Option(
      names = "--resident-limit",
      paramLabel = "MB",
      defaultValue = "2000",
      description =
          "The most that may be resident, 256 MB of heap included. Default: ${DEFAULT-VALUE}.")
  private int residentLimit = 2000;

  @Option(names = "--plot", paramLabel = "FILE.png", description = "Draws memory and latency.")
  private @Nullable Path plot;

  @Override
  public CommandResult call() throws Exception {
    SoakReport report = new Soak(model, layer, time.seconds(), residentLimit).run();
    if (plot != null) {
      SoakPlot.write(report, plot);
    }
    String objection = report.objection();
    if (objection != null) {
      throw new IllegalStateException(objection + ": see target/bench/soak.json");
    }
    return BenchResult.of(report.text(), report);
  }
}
