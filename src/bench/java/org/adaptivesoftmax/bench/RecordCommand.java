package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.adaptivesoftmax.cli.CommandResult;
import org.adaptivesoftmax.cli.Main;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The command {@code bench record}: another command of the library, measured as a whole. */
@Command(
    name = "record",
    description = {
      "Run another command in a process of its own, and give its result with its time and its peak memory.",
      "For instance: bench record --json -- train --epochs 1. Without a command it runs the main job."
    })
final class RecordCommand implements Callable<CommandResult> {
  private static final int POLL_MS = 100;
  private static final double NANOS_PER_SECOND = 1e9;

  @Parameters(arity = "0..*", paramLabel = "COMMAND", description = "The command and its options.")
  private List<String> command = new ArrayList<>();

  /**
   * What the command took and gave.
   *
   * @param seconds from the start of its process to the end
   * @param peakMb the most that was resident, in MB; empty where the system does not tell
   * @param result its JSON
   */
  private record Recorded(double seconds, OptionalDouble peakMb, ObjectNode result) {
    ObjectNode json() {
      ObjectNode json = WorkerReply.JSON.createObjectNode();
      json.put("seconds", seconds);
      peakMb.ifPresent(mb -> json.put("peak_mb", mb));
      json.set("result", result);
      return json;
    }
  }

  @Override
  public CommandResult call() throws IOException, InterruptedException {
    Recorded recorded = run();
    String typed = ("tools/adaptive-softmax " + String.join(" ", command)).strip();
    ObjectNode json = Measurement.of(typed).before(recorded.json());
    return new BenchResult(json.toPrettyString(), json);
  }

  private Recorded run() throws IOException, InterruptedException {
    Path out = Files.createTempFile("recorded", ".json");
    try {
      ProcessBuilder builder = Worker.java(Main.class, "-Xmx1g", home());
      builder.command().addAll(command);
      builder.command().add("--json");
      long start = System.nanoTime();
      Process process =
          builder
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .redirectOutput(out.toFile())
              .start();
      OptionalDouble peak = OptionalDouble.empty();
      while (!process.waitFor(POLL_MS, TimeUnit.MILLISECONDS)) {
        OptionalDouble now = ResidentMemory.peakMb(process.pid());
        peak = now.isPresent() ? now : peak;
      }
      double seconds = (System.nanoTime() - start) / NANOS_PER_SECOND;
      if (process.exitValue() != 0) {
        throw new IOException(
            "the command ended with %d: %s"
                .formatted(process.exitValue(), String.join(" ", command)));
      }
      String json = Files.readString(out, StandardCharsets.UTF_8);
      return new Recorded(seconds, peak, (ObjectNode) WorkerReply.JSON.readTree(json));
    } finally {
      Files.delete(out);
    }
  }

  private static String home() {
    return "-Dadaptivesoftmax.home=" + System.getProperty("adaptivesoftmax.home", "");
  }
}
