package org.adaptivesoftmax.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.bench.FuzzReport.TargetFigures;
import org.adaptivesoftmax.cli.CommandResult;
import org.adaptivesoftmax.fuzz.FuzzTarget;
import org.adaptivesoftmax.fuzz.FuzzTargets;
import org.adaptivesoftmax.internal.io.Require;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code bench fuzz}. */
@Command(
    name = "fuzz",
    description = {
      "Give everything that reads what others wrote any bytes, by Jazzer, and make sure that it reads or refuses them: with"
          + " a documented exception and a short message, in time, and with memory in proportion.",
      "An input that breaks this is a file below target/fuzz; it belongs to src/test/resources/fuzz as found-NAME when it"
          + " is mended. Fails if there is one."
    })
final class FuzzCommand implements Callable<CommandResult> {
  private static final double SECONDS_PER_MINUTE = 60;

  @Parameters(
      arity = "0..*",
      paramLabel = "TARGET",
      description = "Such as safetensors. Default: all, one after the other.")
  private List<String> targets = new ArrayList<>();

  @Option(
      names = "--minutes",
      paramLabel = "M",
      defaultValue = "10",
      description = "For each target. Default: ${DEFAULT-VALUE}.")
  private double minutes = 10;

  @Override
  public CommandResult call() throws Exception {
    Require.argument(minutes > 0, "--minutes must be more than 0: %s", minutes);
    List<FuzzTarget> chosen =
        targets.isEmpty() ? FuzzTargets.ALL : targets.stream().map(FuzzTargets::named).toList();
    List<TargetFigures> figures = new ArrayList<>();
    for (FuzzTarget target : chosen) {
      System.err.println("fuzzing " + target.name());
      figures.add(new FuzzRun(target, Math.round(minutes * SECONDS_PER_MINUTE)).run());
    }
    FuzzReport report = new FuzzReport(minutes, figures);
    BenchFiles.write("fuzz.json", report);
    if (report.findings() > 0) {
      System.err.println(report.text());
      throw new IllegalStateException(
          "%d inputs break what must hold: see target/bench/fuzz.json"
              .formatted(report.findings()));
    }
    return BenchResult.of(report.text(), report);
  }
}
