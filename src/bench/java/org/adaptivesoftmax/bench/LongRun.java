package org.adaptivesoftmax.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.adaptivesoftmax.cli.Progress;
import org.adaptivesoftmax.internal.io.Require;

/**
 * Trains a tiny language model for many steps, in a process of its own, and looks for anything that grows: resident
 * memory, native objects, the graph.
 *
 * @param steps to train
 * @param every how many steps there is a sample; it divides steps, and there are at least two samples
 */
public record LongRun(int steps, int every) {
  private static final int SECONDS_TO_END = 60;

  /**
   * @throws IllegalArgumentException if an argument is out of its range
   */
  public LongRun {
    Require.argument(every >= 1, "every must be at least 1: %s", every);
    Require.argument(
        steps >= 2 * every && steps % every == 0,
        "steps must be a multiple of every %d, twice or more: %d",
        every,
        steps);
  }

  /**
   * Trains, and writes the result to {@code target/bench/long-run.json}.
   *
   * @throws IllegalStateException if something grew
   * @throws IOException if the process fails, or the result cannot be written
   */
  public LongRunReport run() throws IOException, InterruptedException {
    LongRunReport report = new LongRunReport(StepEnvironment.device(), steps, samples());
    Path file = BenchFiles.write("long-run.json", report);
    if (!report.grown().isEmpty()) {
      throw new IllegalStateException(
          "%s grew in %d steps: see %s".formatted(String.join(", ", report.grown()), steps, file));
    }
    return report;
  }

  @SuppressWarnings("try") // The process ends with this one, whatever is said to it.
  private List<LongRunSample> samples() throws IOException, InterruptedException {
    Path log = BenchFiles.log("long-run");
    Files.createDirectories(log.getParent());
    // All of the heap is resident from the start: what grows is not Java's.
    Process process =
        Worker.java(LongRunWorker.class, "-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch")
            .redirectError(log.toFile())
            .start();
    try (EndingWithThis ending = new EndingWithThis(process);
        Writer spec = process.outputWriter();
        BufferedReader lines = process.inputReader()) {
      spec.write(WorkerReply.JSON.writeValueAsString(new LongRunSpec(steps / every, every)) + "\n");
      spec.flush();
      List<LongRunSample> samples = read(lines);
      boolean ended = process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS);
      if (!ended || process.exitValue() != 0) {
        throw new IOException(
            "the training process failed after %d samples: see %s".formatted(samples.size(), log));
      }
      return samples;
    } finally {
      process.destroyForcibly();
    }
  }

  private List<LongRunSample> read(BufferedReader lines) throws IOException {
    List<LongRunSample> samples = new ArrayList<>();
    try (Progress progress = new Progress("long run", "steps", steps)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        LongRunSample sample = WorkerReply.JSON.readValue(line, LongRunSample.class);
        samples.add(sample);
        progress.step(every, "");
      }
    }
    return samples;
  }
}
