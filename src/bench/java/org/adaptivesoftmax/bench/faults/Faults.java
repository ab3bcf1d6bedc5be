package org.adaptivesoftmax.bench.faults;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.adaptivesoftmax.bench.faults.FaultReport.CommandFaults;
import org.adaptivesoftmax.bench.faults.FaultReport.Failure;
import org.adaptivesoftmax.bench.faults.FaultRun.Outcome;
import org.adaptivesoftmax.bench.faults.SystemCalls.Point;
import org.adaptivesoftmax.internal.io.FileTree;
import org.adaptivesoftmax.internal.io.Require;

/**
 * Makes every system call of some commands that touches their files fail, one at a time, and looks at what is left.
 *
 * @param project its directory
 * @param every of how many points one is tried, evenly chosen
 * @param workers that try points at the same time
 */
public record Faults(Path project, int every, int workers) {
  /** A point in one of the ways in which it can fail. */
  private record Trial(Point point, Fault fault) {
    String injection() {
      return "%s:%s:when=%d".formatted(point.call(), fault.injection(), point.number());
    }
  }

  /** Whether this machine has what is needed. */
  public static boolean arePossible() throws InterruptedException {
    return SystemCalls.isThere();
  }

  /**
   * Tries commands.
   *
   * @param names of commands; empty for all
   */
  public FaultReport run(List<String> names) throws IOException, InterruptedException {
    Require.argument(every >= 1, "--every must be at least 1: %s", every);
    Require.argument(workers >= 1, "--workers must be at least 1: %s", workers);
    List<FaultScenario> scenarios =
        names.isEmpty()
            ? List.of(FaultScenario.values())
            : names.stream().map(FaultScenario::named).toList();
    PrintStream progress = System.err;
    List<CommandFaults> commands = new ArrayList<>();
    try {
      // What the commands say of their progress in this process is of no use.
      System.setErr(new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));
      for (FaultScenario scenario : scenarios) {
        commands.add(run(scenario, progress));
      }
    } finally {
      System.setErr(progress);
    }
    return new FaultReport(every, commands);
  }

  private CommandFaults run(FaultScenario scenario, PrintStream progress)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    Path base = Files.createTempDirectory("faults-" + scenario.key()).toRealPath();
    try {
      List<FaultRun> runs = new ArrayList<>();
      List<Point> calls = List.of();
      for (int i = 0; i < workers; i++) {
        FaultRun run = new FaultRun(scenario, project, base.resolve("worker-" + i));
        calls = run.record();
        runs.add(run);
      }
      List<Trial> all = trials(calls);
      Queue<Trial> chosen = new ConcurrentLinkedQueue<>();
      for (int i = every / 2; i < all.size(); i += every) {
        chosen.add(all.get(i));
      }
      int tried = chosen.size();
      List<Failure> failures = new CopyOnWriteArrayList<>();
      int reached = tryAll(scenario, chosen, runs, failures, progress);
      double seconds = (System.nanoTime() - start) / 1e9;
      return new CommandFaults(
          scenario, calls.size(), all.size(), tried, reached, seconds, List.copyOf(failures));
    } finally {
      FileTree.delete(base);
    }
  }

  /** Tries what is chosen, each run for itself, and gives the number of points that were reached. */
  private static int tryAll(
      FaultScenario scenario,
      Queue<Trial> chosen,
      List<FaultRun> runs,
      List<Failure> failures,
      PrintStream progress)
      throws IOException, InterruptedException {
    AtomicInteger reached = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(runs.size());
    try {
      List<Callable<Void>> works = new ArrayList<>();
      for (FaultRun run : runs) {
        works.add(
            () -> {
              for (Trial trial = chosen.poll(); trial != null; trial = chosen.poll()) {
                Outcome outcome = run.fail(trial.point, trial.fault);
                reached.addAndGet(outcome.hit().isEmpty() ? 0 : 1);
                if (!outcome.problems().isEmpty()) {
                  failures.add(new Failure(trial.injection(), outcome.hit(), outcome.problems()));
                }
                progress.println(said(scenario, trial, outcome));
              }
              return null;
            });
      }
      for (Future<Void> work : threads.invokeAll(works)) {
        work.get();
      }
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } finally {
      threads.shutdownNow();
    }
    return reached.get();
  }

  private static String said(FaultScenario scenario, Trial trial, Outcome outcome) {
    String problems =
        outcome.problems().isEmpty() ? "holds" : String.join("; ", outcome.problems());
    return "%s %s: %s: %s".formatted(scenario.key(), trial.injection(), outcome.hit(), problems);
  }

  /** A call that only reads can fail, but not for want of space, and a kill there is one between two others. */
  private static List<Trial> trials(List<Point> points) {
    List<Trial> trials = new ArrayList<>();
    for (Fault fault : Fault.values()) {
      points.stream()
          .filter(point -> point.changes() || fault == Fault.IO_ERROR)
          .forEach(point -> trials.add(new Trial(point, fault)));
    }
    return trials;
  }
}
