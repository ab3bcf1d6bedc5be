package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.adaptivesoftmax.cli.Main;

/** A model server in a process of its own. */
final class ServedProcess implements AutoCloseable {
  private static final int SECONDS_TO_END = 20;
  private static final int SECONDS_TO_START = 120;
  private static final int POLL_MS = 100;
  private static final String HOST = "127.0.0.1";
  private static final String OTHER = "tensorflow_model_server";

  private final Process process;
  private final EndingWithThis ending;
  private final String rest;
  private final String grpc;

  private ServedProcess(Process process, String rest, String grpc) {
    this.process = process;
    this.ending = new EndingWithThis(process);
    this.rest = rest;
    this.grpc = grpc;
  }

  /**
   * Starts {@code serve}. All of its heap is resident from the start: what grows is not Java's.
   *
   * @throws IOException if it does not start
   */
  @SuppressWarnings("try") // Its output is read no further than its one line.
  static ServedProcess ours(Path model) throws IOException {
    Path log = BenchFiles.log("serve-server");
    Files.createDirectories(log.getParent());
    ProcessBuilder builder = Worker.java(Main.class, "-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch");
    builder
        .command()
        .addAll(
            List.of(
                "serve", "--model", model.toString(), "--port", "0", "--grpc-port", "0", "--json"));
    Process process = builder.redirectError(log.toFile()).start();
    BufferedReader out = process.inputReader();
    String line = out.readLine();
    if (line == null) {
      throw new IOException("the server did not start: see " + log);
    }
    JsonNode ready = WorkerReply.JSON.readTree(line);
    URI rest = URI.create(ready.get("rest").asText());
    return new ServedProcess(
        process, rest.getHost() + ":" + rest.getPort(), ready.get("grpc").asText());
  }

  /** TensorFlow Serving, with its own way to join requests; empty where it is not installed. */
  static Optional<ServedProcess> tensorflowServing(Path model)
      throws IOException, InterruptedException {
    Optional<Path> command =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .map(directory -> Path.of(directory, OTHER))
            .filter(Files::isExecutable)
            .findFirst();
    if (command.isEmpty()) {
      return Optional.empty();
    }
    int restPort = freePort();
    int grpcPort = freePort();
    Path log = BenchFiles.log("serve-tensorflow-serving");
    Process process =
        new ProcessBuilder(
                command.get().toString(),
                "--rest_api_port=" + restPort,
                "--port=" + grpcPort,
                "--model_name=" + model.getFileName(),
                "--model_base_path=" + model.toAbsolutePath(),
                "--grpc_max_threads=256",
                "--enable_batching",
                "--batching_parameters_file="
                    + BenchFiles.inProject("savedmodels/samples/batching.config"))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    ServedProcess started =
        new ServedProcess(process, HOST + ":" + restPort, HOST + ":" + grpcPort);
    try {
      started.awaitPort(restPort, log);
      return Optional.of(started);
    } catch (IOException | InterruptedException e) {
      started.close();
      throw e;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  /** It listens when the model is loaded. */
  private void awaitPort(int port, Path log) throws IOException, InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(SECONDS_TO_START).toNanos();
    while (process.isAlive() && System.nanoTime() < end) {
      try {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
        return;
      } catch (IOException notYet) {
        Thread.sleep(POLL_MS);
      }
    }
    throw new IOException("%s did not start: see %s".formatted(OTHER, log));
  }

  String target(ServeWay way) {
    return way.isGrpc() ? grpc : rest;
  }

  /** What it holds, in MB (10⁶ bytes); empty where the system does not tell. */
  OptionalDouble residentMb() {
    return ResidentMemory.nowMb(process.pid());
  }

  /** The processor time that it has taken. */
  double cpuSeconds() {
    return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L) / 1e9;
  }

  @Override
  public void close() {
    try (ending) {
      process.toHandle().destroy();
      if (process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
