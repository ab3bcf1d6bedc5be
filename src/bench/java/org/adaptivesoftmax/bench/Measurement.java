package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.adaptivesoftmax.internal.io.LibraryVersion;
import org.tensorflow.TensorFlow;

/**
 * What every result of a measurement says of itself, so that a table made from it needs nothing else.
 *
 * @param command that measured, as it is typed in the project's directory
 * @param date of the measurement (UTC)
 * @param machine where it ran
 * @param versions what it ran with
 */
record Measurement(
    String command, String date, @JsonUnwrapped Machine machine, @JsonUnwrapped Versions versions) {
  /**
   * Where it ran.
   *
   * @param processor its name
   * @param cores that this process may use
   * @param system operating system and architecture
   */
  record Machine(String processor, int cores, String system) {}

  /**
   * What it ran with.
   *
   * @param java version of the JVM
   * @param tensorflow version of TensorFlow
   * @param library version of this library
   */
  record Versions(String java, String tensorflow, String library) {}

  /** Set to the command line by {@link BenchMain}. */
  static final String COMMAND = "adaptivesoftmax.command";

  /** The key in a result. */
  static final String KEY = "measured";

  /** What holds for a command of this process. */
  static Measurement now() throws IOException {
    return of(System.getProperty(COMMAND, ""));
  }

  /** What holds for a command on this machine. */
  static Measurement of(String command) throws IOException {
    return new Measurement(
        command,
        LocalDate.now(ZoneOffset.UTC).toString(),
        new Machine(
            StepEnvironment.processor(),
            Runtime.getRuntime().availableProcessors(),
            System.getProperty("os.name") + " " + System.getProperty("os.arch")),
        new Versions(
            System.getProperty("java.version"), TensorFlow.version(), LibraryVersion.get()));
  }

  /** A result as JSON, with this in front. Paths in the project become relative to it: results are committed. */
  ObjectNode before(Object result) throws IOException {
    ObjectNode json = WorkerReply.JSON.createObjectNode();
    json.set(KEY, WorkerReply.JSON.valueToTree(this));
    String project = BenchFiles.inProject("").toString();
    String written = WorkerReply.JSON.writeValueAsString(result).replace(project + "/", "");
    json.setAll((ObjectNode) WorkerReply.JSON.readTree(written));
    return json;
  }
}
