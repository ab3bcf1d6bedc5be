package org.adaptivesoftmax.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.bench.faults.FaultReport;
import org.adaptivesoftmax.bench.faults.Faults;
import org.adaptivesoftmax.cli.CommandResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code bench fail-at}. */
@Command(
    name = "fail-at",
    description = {
      "Kill commands at each system call that touches their files, or let the call fail for want of space or for a broken"
          + " disk, and make sure that versions are whole, nothing is left, one line says why, and the next run gives the"
          + " same weights. Needs strace.",
      "Fails if something does not hold."
    })
final class FailAtCommand implements Callable<CommandResult> {
  @Parameters(
      arity = "0..*",
      paramLabel = "COMMAND",
      description = "train, import-pytorch, convert, rebucket. Default: all.")
  private List<String> commands = new ArrayList<>();

  @Option(
      names = "--every",
      paramLabel = "N",
      defaultValue = "1",
      description = "Try one point of N, evenly chosen. Default: ${DEFAULT-VALUE}.")
  private int every = 1;

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "2",
      description = "How many points are tried at the same time. Default: ${DEFAULT-VALUE}.")
  private int workers = 2;

  @Override
  public CommandResult call() throws Exception {
    if (!Faults.arePossible()) {
      throw new IllegalArgumentException("strace is needed: there is none, or it may not trace");
    }
    FaultReport report = new Faults(BenchFiles.inProject(""), every, workers).run(commands);
    BenchFiles.write("fail-at.json", report);
    if (report.failed() > 0) {
      System.err.println(report.text());
      throw new IllegalStateException(
          "%d of %d points fail: see target/bench/fail-at.json"
              .formatted(report.failed(), report.tried()));
    }
    return BenchResult.of(report.text(), report);
  }
}
