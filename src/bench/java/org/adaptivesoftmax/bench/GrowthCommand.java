package org.adaptivesoftmax.bench;

import java.util.List;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.cli.CommandResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code bench growth}. */
@Command(
    name = "growth",
    description = {
      "Time a training step's loss and gradients with more and more classes and the same head, as bench train-step does.",
      "The result is also written to target/bench/growth.json, and drawn to target/bench/growth.png."
    })
final class GrowthCommand implements Callable<CommandResult> {
  @Option(
      names = "--classes",
      split = ",",
      paramLabel = "N",
      defaultValue = "10000,30000,100000,300000,1000000",
      description = "Numbers of classes, each more than 4,000. Default: ${DEFAULT-VALUE}.")
  private List<Integer> classes = List.of();

  @Mixin private final ContenderOptions contenders = new ContenderOptions();

  @Override
  public CommandResult call() throws Exception {
    GrowthReport report =
        new GrowthBench(classes, contenders.python(), contenders.rounds, contenders.threads).run();
    return BenchResult.of(report.text(), report);
  }
}
