package org.adaptivesoftmax.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.adaptivesoftmax.cli.Progress;
import org.adaptivesoftmax.internal.io.FileTree;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.jspecify.annotations.Nullable;

/**
 * Asks a server many times, over REST and gRPC in turn, while new versions of its model are published.
 *
 * @param model a language model
 * @param requests in all
 * @param connections with one request on its way each
 * @param swapSeconds from one version to the next
 */
record ServeEndurance(Path model, int requests, int connections, int swapSeconds) {
  private static final int SLICES = 100;
  private static final int SAMPLE_MS = 100;
  private static final int KEPT_VERSIONS = 3;

  ServeEndurance {
    Require.argument(
        requests >= SLICES && requests % SLICES == 0,
        "requests must be a multiple of %s: %s",
        SLICES,
        requests);
    Require.argument(connections >= 1, "connections must be at least 1: %s", connections);
    Require.argument(swapSeconds >= 1, "seconds of a version must be at least 1: %s", swapSeconds);
  }

  /**
   * Asks, and writes the result to {@code target/bench/serve-endurance.json}.
   *
   * @throws IllegalStateException if a request failed, or, in a million requests and more, resident memory grew by more than 10
   *     MB after the first tenth
   */
  ServeEnduranceReport run() throws IOException, InterruptedException {
    Path base = BenchFiles.results().resolve("served").resolve("endurance");
    if (Files.exists(base)) {
      FileTree.delete(base);
    }
    ModelDirectory served = new ModelDirectory(base);
    Path original = new ModelDirectory(model).highestVersion();
    publish(served, original);
    ServeEnduranceReport report = ask(served, original);
    Path file = BenchFiles.write("serve-endurance.json", report);
    if (report.failures() > 0) {
      throw new IllegalStateException(
          "%d of %d requests failed, the first with %s: see %s"
              .formatted(report.failures(), requests, report.firstFailure(), file));
    }
    if (report.hasGrown()) {
      throw new IllegalStateException(
          "the server grew by %.1f MB: see %s".formatted(report.residentGrowthMb(), file));
    }
    return report;
  }

  private ServeEnduranceReport ask(ModelDirectory served, Path original)
      throws IOException, InterruptedException {
    ServeWorkload workload = ServeWorkload.text(served.base());
    AtomicInteger versions = new AtomicInteger(1);
    AtomicReference<Double> peak = new AtomicReference<>(0.0);
    AtomicReference<@Nullable IOException> broken = new AtomicReference<>();
    ScheduledExecutorService timer = Executors.newScheduledThreadPool(2);
    try (ServedProcess server = ServedProcess.ours(served.base());
        ServeClient client = new ServeClient("serve-client")) {
      var swaps =
          timer.scheduleAtFixedRate(
              () -> {
                try {
                  publish(served, original);
                  versions.incrementAndGet();
                } catch (IOException e) {
                  broken.set(e);
                }
              },
              swapSeconds,
              swapSeconds,
              TimeUnit.SECONDS);
      var samples =
          timer.scheduleAtFixedRate(
              () -> peak.accumulateAndGet(server.residentMb().orElse(0), Math::max),
              0,
              SAMPLE_MS,
              TimeUnit.MILLISECONDS);
      List<ServeEnduranceReport.Slice> slices = slices(workload, server, client, peak);
      swaps.cancel(true);
      samples.cancel(true);
      if (broken.get() != null) {
        throw broken.get();
      }
      return new ServeEnduranceReport(
          StepEnvironment.device(), requests, connections, versions.get(), slices);
    } finally {
      timer.shutdownNow();
    }
  }

  private List<ServeEnduranceReport.Slice> slices(
      ServeWorkload workload,
      ServedProcess server,
      ServeClient client,
      AtomicReference<Double> peak)
      throws IOException {
    List<ServeEnduranceReport.Slice> slices = new ArrayList<>();
    try (Progress progress = new Progress("serve", "requests", requests)) {
      for (int i = 0; i < SLICES; i++) {
        ServeWay way = i % 2 == 0 ? ServeWay.GRPC : ServeWay.REST;
        ServeLoad load =
            client.ask(workload.spec(way, server.target(way), connections, requests / SLICES));
        slices.add(new ServeEnduranceReport.Slice(way.key(), load, peak.getAndSet(0.0)));
        progress.step(requests / SLICES, "");
      }
    }
    return slices;
  }

  /** The same model as the next version; old ones go. */
  private static void publish(ModelDirectory served, Path original) throws IOException {
    served.publish(unfinished -> copy(original, unfinished));
    List<Long> versions = served.versionNumbers();
    for (long version :
        versions.stream().sorted().limit(Math.max(0, versions.size() - KEPT_VERSIONS)).toList()) {
      FileTree.delete(served.base().resolve(Long.toString(version)));
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }
}
