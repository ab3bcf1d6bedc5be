package org.adaptivesoftmax.bench;

import java.util.concurrent.Callable;
import org.adaptivesoftmax.cli.CommandResult;
import picocli.CommandLine.Command;

/** The command {@code bench}: one measurement per subcommand; without one, {@code train-step}. */
@Command(
    name = "bench",
    description = "Measure times and memory on this machine.",
    subcommands = {
      TrainStepCommand.class,
      GrowthCommand.class,
      DecodeCommand.class,
      AsSoftmaxCommand.class,
      LongRunCommand.class,
      LanguageModelBenchCommand.class,
      DistributedBenchCommand.class,
      CountBenchCommand.class,
      PlanBenchCommand.class,
      MigrationsCommand.class,
      RebucketBenchCommand.class,
      ConvergenceCommand.class,
      DriftBenchCommand.class,
      FailAtCommand.class,
      FuzzCommand.class,
      ServeBenchCommand.class,
      ServeEnduranceCommand.class,
      SoakCommand.class,
      RecordCommand.class
    })
final class BenchCommand implements Callable<CommandResult> {
  @Override
  public CommandResult call() throws Exception {
    return new TrainStepCommand().call();
  }
}
