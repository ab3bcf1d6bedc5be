package org.adaptivesoftmax.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.adaptivesoftmax.bench.soak.SoakReport;
import org.adaptivesoftmax.bench.soak.SoakSample;
import org.adaptivesoftmax.bench.soak.SoakSpec;
import org.adaptivesoftmax.bench.soak.SoakWorker;
import org.adaptivesoftmax.cli.Main;
import org.adaptivesoftmax.cli.Progress;
import org.adaptivesoftmax.internal.io.FileTree;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.savedmodel.ModelDirectory;

/**
 * A long day in a process with little memory.
 *
 * @param model a language model
 * @param layer an output layer
 * @param seconds to go on
 * @param residentLimitMb that the process may not exceed, its heap included
 */
record Soak(Path model, Path layer, double seconds, int residentLimitMb) {
  private static final int SAMPLES = 200;
  private static final double LEAST_SAMPLE_SECONDS = 2;
  private static final long DEADLINE_MS = 5000;
  private static final int SECONDS_TO_END = 60;
  private static final int MS_PER_SECOND = 1000;
  private static final String HEAP = "256m";

  /** Less is no course. */
  private static final int LEAST_SAMPLES = 5;

  Soak {
    Require.argument(
        seconds >= LEAST_SAMPLES * LEAST_SAMPLE_SECONDS,
        "a soak takes at least %s seconds: %s",
        LEAST_SAMPLES * LEAST_SAMPLE_SECONDS,
        seconds);
    Require.argument(
        residentLimitMb >= 1,
        "limit of resident memory must be at least 1 MB: %s",
        residentLimitMb);
  }

  /**
   * Soaks, and writes the result to {@code target/bench/soak.json}.
   *
   * @throws IllegalStateException if the process stands still, or more than the limit is resident
   */
  SoakReport run() throws IOException, InterruptedException {
    Path directory = BenchFiles.results().resolve("soak");
    FileTree.delete(directory);
    Files.createDirectories(directory);
    Path odd = new ModelDirectory(model).highestVersion().toAbsolutePath();
    SoakSpec spec =
        new SoakSpec(
            directory.toString(),
            odd.toString(),
            otherWeights(directory).toString(),
            layer.toAbsolutePath().toString(),
            seconds,
            Math.max(LEAST_SAMPLE_SECONDS, seconds / SAMPLES),
            DEADLINE_MS);
    SoakReport report =
        new SoakReport(StepEnvironment.device(), DEADLINE_MS, residentLimitMb, samples(spec));
    BenchFiles.write("soak.json", report);
    FileTree.delete(directory);
    return report;
  }

  /** The model with rounded tail weights, which answers otherwise. */
  private Path otherWeights(Path directory) throws IOException {
    Path out = directory.resolve("other");
    PrintStream said =
        new PrintStream(BenchFiles.log("soak-convert").toFile(), StandardCharsets.UTF_8);
    try (said) {
      int status =
          Main.run(
              said,
              said,
              List.of(),
              "convert",
              "--model",
              model.toString(),
              "--out",
              out.toString(),
              "--tail-weights",
              "int8");
      Require.argument(
          status == 0, "%s cannot be converted: see %s", model, BenchFiles.log("soak-convert"));
    }
    return new ModelDirectory(out).highestVersion();
  }

  private List<SoakSample> samples(SoakSpec spec) throws IOException, InterruptedException {
    Path log = BenchFiles.log("soak");
    ProcessBuilder builder =
        Worker.java(SoakWorker.class, "-Xms" + HEAP, "-Xmx" + HEAP, "-XX:+AlwaysPreTouch");
    Process process = builder.redirectError(log.toFile()).start();
    EndingWithThis ending = new EndingWithThis(process);
    try (ending) {
      Writer specs = process.outputWriter();
      specs.write(SoakWorker.JSON.writeValueAsString(spec) + "\n");
      specs.flush();
      List<SoakSample> samples = read(process, spec);
      if (samples.isEmpty()
          || !process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)
          || process.exitValue() != 0) {
        throw new IOException("the process has not ended as it should: see " + log);
      }
      return samples;
    } finally {
      process.destroyForcibly();
    }
  }

  private List<SoakSample> read(Process process, SoakSpec spec)
      throws IOException, InterruptedException {
    List<SoakSample> samples = new ArrayList<>();
    BufferedReader lines = process.inputReader();
    double patience = SECONDS_TO_END + 2 * spec.sampleSeconds();
    int steps = (int) (spec.seconds() / spec.sampleSeconds());
    try (Progress progress = new Progress("soak", "samples", steps)) {
      for (Optional<String> line = next(lines, patience);
          line.isPresent();
          line = next(lines, patience)) {
        double peak = ResidentMemory.peakMb(process.pid()).orElse(0);
        samples.add(
            SoakWorker.JSON
                .readValue(line.get(), SoakSample.class)
                .withResident(ResidentMemory.nowMb(process.pid()).orElse(0), peak));
        if (peak > residentLimitMb) {
          throw new IllegalStateException(
              "%.0f MB were resident, more than %d".formatted(peak, residentLimitMb));
        }
        progress.step(1, "");
      }
    }
    return samples;
  }

  /** A process that stands still is what a soak looks for, too. */
  private static Optional<String> next(BufferedReader lines, double seconds)
      throws IOException, InterruptedException {
    FutureTask<Optional<String>> line =
        new FutureTask<>(() -> Optional.ofNullable(lines.readLine()));
    Thread reader = new Thread(line, "soak-reader");
    reader.setDaemon(true);
    reader.start();
    try {
      return line.get((long) (MS_PER_SECOND * seconds), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "the process stands still: no sample for %.0f seconds".formatted(seconds), e);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
  }
}
