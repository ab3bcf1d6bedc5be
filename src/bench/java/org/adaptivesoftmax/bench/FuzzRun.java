package org.adaptivesoftmax.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.adaptivesoftmax.bench.FuzzReport.TargetFigures;
import org.adaptivesoftmax.fuzz.FuzzEntry;
import org.adaptivesoftmax.fuzz.FuzzTarget;
import org.adaptivesoftmax.internal.io.FileTree;

/**
 * Jazzer at work on one target, in a process of its own. It starts from the inputs of the tests and from those that it kept
 * before.
 *
 * @param target what reads
 * @param seconds how long
 */
record FuzzRun(FuzzTarget target, long seconds) {
  /** Different failures after which it ends before its time. */
  private static final int MOST_FINDINGS = 20;

  /** The clients' targets ask a server of their own. */
  private static final String NETWORK =
      "com.code_intelligence.jazzer.sanitizers.ServerSideRequestForgery";

  private static final Pattern EXECUTED = Pattern.compile("stat::number_of_executed_units: (\\d+)");
  private static final Pattern PROGRESS =
      Pattern.compile("#(\\d+)\\s+\\w+\\s+cov: (\\d+) ft: \\d+ corp: (\\d+)/");

  TargetFigures run() throws IOException, InterruptedException {
    Path directory = BenchFiles.inProject("target/fuzz").resolve(target.name());
    Path kept = Files.createDirectories(directory.resolve("kept"));
    Path found = directory.resolve("found");
    FileTree.delete(found);
    Files.createDirectories(found);
    Path temporary = Files.createDirectories(directory.resolve("tmp"));
    Path log = directory.resolve("log");
    try {
      Process process = start(kept, found, temporary, log);
      EndingWithThis ending = new EndingWithThis(process);
      try (ending) {
        process.waitFor();
      }
      return figures(log, found);
    } finally {
      FileTree.delete(temporary);
    }
  }

  private Process start(Path kept, Path found, Path temporary, Path log) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(List.of("-Xmx1g", "-XX:-OmitStackTraceInFastThrow"));
    command.addAll(List.of("-Djava.io.tmpdir=" + temporary, "-XX:-CreateCoredumpOnCrash"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    // By name: what is compiled needs no more of Jazzer.
    command.add("com.code_intelligence.jazzer.Jazzer");
    command.add("--target_class=" + FuzzEntry.class.getName());
    command.add("--target_args=" + target.name());
    command.add("--instrumentation_includes=org.adaptivesoftmax.**");
    command.add("--custom_hook_includes=org.adaptivesoftmax.**");
    command.add("--disabled_hooks=" + NETWORK);
    command.add("--keep_going=" + MOST_FINDINGS);
    command.add("--reproducer_path=" + found);
    command.add("-artifact_prefix=" + found + "/");
    command.addAll(List.of("-max_total_time=" + seconds, "-timeout=60", "-rss_limit_mb=0"));
    command.add("-print_final_stats=1");
    command.add(kept.toString());
    command.add(BenchFiles.inProject("src/test/resources/fuzz/" + target.name()).toString());
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(BenchFiles.inProject("").toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    StepEnvironment.defaults().forEach(builder.environment()::putIfAbsent);
    return builder.start();
  }

  private TargetFigures figures(Path log, Path found) throws IOException {
    // Inputs of any bytes are in it.
    String text = Files.readString(log, StandardCharsets.ISO_8859_1);
    long executions = 0;
    for (Matcher line = EXECUTED.matcher(text); line.find(); ) {
      executions = Math.max(executions, Long.parseLong(line.group(1)));
    }
    long edges = 0;
    long inputs = 0;
    for (Matcher line = PROGRESS.matcher(text); line.find(); ) {
      executions = Math.max(executions, Long.parseLong(line.group(1)));
      edges = Long.parseLong(line.group(2));
      inputs = Long.parseLong(line.group(3));
    }
    if (executions == 0) {
      throw new IOException("Jazzer did not start: see " + log);
    }
    try (Stream<Path> files = Files.list(found)) {
      List<String> findings =
          files
              .filter(file -> !file.toString().endsWith(".java"))
              .map(Path::toString)
              .sorted()
              .toList();
      return new TargetFigures(target.name(), executions, edges, inputs, findings);
    }
  }
}
