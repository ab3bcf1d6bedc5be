package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.adaptivesoftmax.distributed.ClusterDefinition;
import org.adaptivesoftmax.distributed.LoopbackAddresses;
import org.jspecify.annotations.Nullable;

/** The processes of one {@link ClusterWay}, which step together. */
final class ClusterProcesses implements AutoCloseable {
  private static final int SECONDS_TO_END = 5;

  private final ClusterWay way;
  private final List<Process> processes = new ArrayList<>();
  private final List<EndingWithThis> endings = new ArrayList<>();
  private final List<Writer> requests = new ArrayList<>();
  private final List<BufferedReader> replies = new ArrayList<>();

  private ClusterProcesses(ClusterWay way) {
    this.way = way;
  }

  /**
   * Starts the processes, and waits until the weights are in place.
   *
   * @param python of PyTorch's, or null
   * @param spec of the whole; places are filled in
   * @throws IllegalArgumentException if PyTorch is wanted and missing
   */
  static ClusterProcesses start(ClusterWay way, @Nullable String python, ClusterSpec spec)
      throws IOException {
    ClusterProcesses started = new ClusterProcesses(way);
    try {
      started.startAll(python, spec);
      return started;
    } catch (Throwable failure) {
      started.close();
      throw failure;
    }
  }

  private void startAll(@Nullable String python, ClusterSpec spec) throws IOException {
    Files.createDirectories(BenchFiles.results());
    Map<String, List<String>> jobs =
        way.processes() == 1
            ? Map.of()
            : ClusterDefinition.of(LoopbackAddresses.free(way.processes()), way.replicas()).jobs();
    for (int index = 0; index < way.processes(); index++) {
      ProcessBuilder builder =
          way.isPyTorch()
              ? new ProcessBuilder(
                  String.valueOf(python), BenchFiles.pytorchLanguageModel().toString())
              : Worker.java(ClusterWorker.class, "-Xmx512m");
      builder.redirectError(log(index).toFile());
      Process process = start(builder);
      processes.add(process);
      endings.add(new EndingWithThis(process));
      requests.add(process.outputWriter());
      replies.add(process.inputReader());
      send(index, WorkerReply.JSON.writeValueAsString(at(spec, jobs, index)));
    }
    for (int index = 0; index < way.processes(); index++) {
      JsonNode reply = reply(index);
      if (reply.has("error")) {
        throw new IllegalArgumentException(reply.get("error").asText());
      }
    }
  }

  private static Process start(ProcessBuilder builder) throws IOException {
    try {
      return builder.start();
    } catch (IOException e) {
      throw new IllegalArgumentException("no such program: " + e.getMessage(), e);
    }
  }

  private ClusterSpec at(ClusterSpec spec, Map<String, List<String>> jobs, int index) {
    boolean tail = index >= way.replicas();
    return new ClusterSpec(
        jobs,
        new ClusterSpec.Place(
            tail ? ClusterDefinition.TAIL : ClusterDefinition.COMPUTE,
            tail ? index - way.replicas() : index,
            way.replicas(),
            spec.place().threads() / way.processes()),
        spec.source(),
        spec.network(),
        spec.course());
  }

  /** Runs steps in every replica at once: the milliseconds of one, in the slowest. */
  double step() throws IOException {
    double slowest = 0;
    for (int index = 0; index < way.replicas(); index++) {
      send(index, "step");
    }
    for (int index = 0; index < way.replicas(); index++) {
      slowest = Math.max(slowest, reply(index).get("ms").asDouble());
    }
    return slowest;
  }

  /** What a step sends between the processes, in MB by kind; empty for PyTorch. */
  Map<String, Double> megabytes() throws IOException {
    Map<String, Double> kinds = new LinkedHashMap<>();
    if (!way.isPyTorch()) {
      send(0, "bytes");
      reply(0).properties().forEach(kind -> kinds.put(kind.getKey(), kind.getValue().asDouble()));
    }
    return kinds;
  }

  /** The most that each process held so far, in MB; null where the system does not tell. */
  Map<String, @Nullable Double> peakMb() {
    Map<String, @Nullable Double> peaks = new LinkedHashMap<>();
    for (int index = 0; index < way.processes(); index++) {
      var peak = ResidentMemory.peakMb(processes.get(index).pid());
      peaks.put(way.process(index), peak.isPresent() ? peak.getAsDouble() : null);
    }
    return peaks;
  }

  private Path log(int index) {
    return BenchFiles.log("distributed-%s-%s".formatted(way.key(), index));
  }

  private void send(int index, String line) throws IOException {
    requests.get(index).write(line + "\n");
    requests.get(index).flush();
  }

  private JsonNode reply(int index) throws IOException {
    String line = replies.get(index).readLine();
    if (line == null) {
      throw new IOException(
          "%s of %s ended before it answered: see %s"
              .formatted(way.process(index), way.key(), log(index)));
    }
    return WorkerReply.JSON.readTree(line);
  }

  @Override
  public void close() {
    // All at once: a process of a cluster may wait for another.
    for (Writer each : requests) {
      try (each) {
        each.flush();
      } catch (IOException alreadyGone) {
        // As it should be soon.
      }
    }
    for (Process process : processes) {
      try {
        process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      process.destroyForcibly();
    }
    endings.forEach(EndingWithThis::close);
  }
}
