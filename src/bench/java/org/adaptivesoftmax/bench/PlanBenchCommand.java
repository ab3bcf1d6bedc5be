package org.adaptivesoftmax.bench;

import java.util.concurrent.Callable;
import org.adaptivesoftmax.cli.CommandResult;
import org.adaptivesoftmax.training.ProductTimer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code bench plan}. */
@Command(
    name = "plan",
    description = {
      "Time twelve plans of one layer, in a training step with Adam and in the top 10 of a batch, and give the rank"
          + " correlation of these times with what the plans were expected to cost.",
      "The result is also written to target/bench/plan.json."
    })
final class PlanBenchCommand implements Callable<CommandResult> {
  @Option(
      names = "--features",
      defaultValue = "256",
      description = "Width of the input. Default: ${DEFAULT-VALUE}.")
  private int features = 256;

  @Option(
      names = "--classes",
      defaultValue = "63138",
      description = "Number of classes. Default: ${DEFAULT-VALUE}.")
  private int classes = 63_138;

  @Option(
      names = "--rows",
      defaultValue = "640",
      description = "Rows of a training step. Default: ${DEFAULT-VALUE}.")
  private int rows = 640;

  @Option(
      names = "--batch",
      defaultValue = "16",
      description = "Rows of a top 10. Default: ${DEFAULT-VALUE}.")
  private int batch = 16;

  @Option(
      names = "--rounds",
      defaultValue = "11",
      description = "How often each plan is timed. Default: ${DEFAULT-VALUE}.")
  private int rounds = 11;

  @Override
  public CommandResult call() throws Exception {
    ProductTimer timer = ProductTimer.of(Runtime.getRuntime().availableProcessors());
    PlanBenchReport report = new PlanBench(features, classes, rows, batch, rounds, timer).run();
    return BenchResult.of(report.text(), report);
  }
}
