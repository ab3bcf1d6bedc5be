package org.adaptivesoftmax.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A {@link ServeLoadWorker}, seen from outside. */
final class ServeClient implements AutoCloseable {
  private static final int SECONDS_TO_END = 10;

  private final Path log;
  private final Process process;
  private final EndingWithThis ending;
  private final Writer specs;
  private final BufferedReader loads;

  /**
   * Starts the process.
   *
   * @param name of its log
   */
  ServeClient(String name) throws IOException {
    log = BenchFiles.log(name);
    Files.createDirectories(log.getParent());
    process = Worker.java(ServeLoadWorker.class, "-Xmx1g").redirectError(log.toFile()).start();
    ending = new EndingWithThis(process);
    specs = process.outputWriter();
    loads = process.inputReader();
  }

  /**
   * Asks, and waits until all is answered.
   *
   * @throws IOException if the process ends, or a request fails and that is not counted as a result
   */
  ServeLoad ask(ServeLoadSpec spec) throws IOException {
    specs.write(WorkerReply.JSON.writeValueAsString(spec) + "\n");
    specs.flush();
    String line = loads.readLine();
    if (line == null) {
      throw new IOException("the asking process ended before its answer: see " + log);
    }
    return WorkerReply.JSON.readValue(line, ServeLoad.class);
  }

  @Override
  public void close() throws IOException {
    try (ending) {
      specs.close();
      if (process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
