package org.adaptivesoftmax.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A {@link StepWorker}, a {@link DecodeWorker} or PyTorch's, seen from outside. Each contender has a process of its own, so that its resident set
 * is its own too. The process ends with {@link #close()}, and also when this process does, since its input ends then.
 */
final class Worker implements AutoCloseable {
  private static final int SECONDS_TO_END = 5;

  private final Contender contender;
  private final Process process;
  private final EndingWithThis ending;
  private final Writer requests;
  private final BufferedReader replies;

  private Worker(Contender contender, Process process) {
    this.contender = contender;
    this.process = process;
    this.ending = new EndingWithThis(process);
    this.requests = process.outputWriter();
    this.replies = process.inputReader();
  }

  /**
   * Starts a contender that runs in TensorFlow.
   *
   * @param main what answers the requests
   */
  static Worker tensorflow(Contender contender, Class<?> main) throws IOException {
    // A small heap, so that Java's own memory does not show beside TensorFlow's.
    ProcessBuilder builder = java(main, "-Xmx128m");
    return start(contender, builder);
  }

  /**
   * Starts PyTorch.
   *
   * @param python command of a Python that has it
   * @param script what answers the requests
   * @throws IllegalArgumentException if there is no such command
   */
  static Worker pytorch(String python, Path script) throws IOException {
    List<String> command = List.of(python, script.toString());
    try {
      return start(Contender.PYTORCH, new ProcessBuilder(command));
    } catch (IOException e) {
      throw new IllegalArgumentException("PyTorch needs Python: " + e.getMessage(), e);
    }
  }

  private static Worker start(Contender contender, ProcessBuilder builder) throws IOException {
    Files.createDirectories(BenchFiles.results());
    builder.redirectError(BenchFiles.log(contender).toFile());
    return new Worker(contender, builder.start());
  }

  /** A Java process on this one's class path, with TensorFlow's default settings. */
  static ProcessBuilder java(Class<?> main, String... options) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(List.of(options));
    command.add("-XX:+UseSerialGC");
    // JavaCPP would otherwise limit TensorFlow's memory to a multiple of the heap.
    command.add("-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    ProcessBuilder builder = new ProcessBuilder(command);
    StepEnvironment.defaults().forEach(builder.environment()::putIfAbsent);
    return builder;
  }

  /** Who is timed. */
  Contender contender() {
    return contender;
  }

  /**
   * Hands over the step and waits until its weights are in place.
   *
   * @param spec what the worker reads first
   * @return what computes, and its version
   * @throws IllegalArgumentException if Python has no PyTorch
   */
  String prepare(Object spec) throws IOException {
    WorkerReply reply = ask(WorkerReply.JSON.writeValueAsString(spec));
    if (reply.error() != null) {
      throw new IllegalArgumentException(reply.error());
    }
    return required(reply.ready());
  }

  /** Runs one step; its milliseconds, measured by the worker. */
  double step() throws IOException {
    return required(ask("step").ms());
  }

  /** The peak of the resident set above weights and inputs, in MB; null where the system does not tell. */
  @Nullable Double peakMb() throws IOException {
    return ask("memory").mb();
  }

  /** The share of the tail clusters' products that the step does without. */
  double tailWorkSkipped() throws IOException {
    return required(ask("skipped").skipped());
  }

  private WorkerReply ask(String request) throws IOException {
    requests.write(request + "\n");
    requests.flush();
    String line = replies.readLine();
    return WorkerReply.JSON.readValue(required(line), WorkerReply.class);
  }

  private <V> V required(@Nullable V answer) throws IOException {
    if (answer == null) {
      throw new IOException(
          "the process of %s ended before it answered: see %s"
              .formatted(contender, BenchFiles.log(contender)));
    }
    return answer;
  }

  @Override
  public void close() {
    try (ending) {
      requests.close();
      if (process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
        return;
      }
    } catch (IOException alreadyGone) {
      // Its end of the pipe is closed.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
