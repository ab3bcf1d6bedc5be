package org.adaptivesoftmax.bench.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.adaptivesoftmax.bench.faults.SystemCalls.Hit;
import org.adaptivesoftmax.bench.faults.SystemCalls.Point;
import org.adaptivesoftmax.internal.io.FileTree;
import org.adaptivesoftmax.internal.io.Require;

/**
 * One command with its input in a directory, which is run again and again: each time a system call fails, and then without that.
 */
final class FaultRun {
  private static final int SECONDS = 300;
  private static final int KILLED = 128 + 9;

  /** What a killed process, or one that cannot delete, may leave to the next. */
  private static final Pattern LEFT =
      Pattern.compile(
          "out|out/\\d+(/.*)?|out/checkpoints(/.*)?|out/checkpoints\\.lock|out/\\.unfinished-.*"
              + "|\\.adaptive-softmax-\\d+|out/\\.adaptive-softmax-\\d+");

  /** What a failed training keeps on purpose. */
  private static final Pattern KEPT =
      Pattern.compile("out|out/checkpoints|out/checkpoints/step-\\d+(/.*)?");

  private final FaultScenario scenario;
  private final Path project;
  private final Path base;
  private final Path work;
  private FileState before = new FileState(Map.of());
  private FileState whole = new FileState(Map.of());
  private Map<String, String> learned = Map.of();

  /**
   * A command that was made to fail.
   *
   * @param hit the call that failed; empty if the run did not come to it
   * @param problems what does not hold
   */
  record Outcome(String hit, List<String> problems) {}

  private record Ending(int code, String out, String err) {}

  /**
   * @param base for the input, the output and what the process says; it must be empty
   */
  FaultRun(FaultScenario scenario, Path project, Path base) {
    this.scenario = scenario;
    this.project = project;
    this.base = base;
    this.work = base.resolve("work");
  }

  /** Runs the command as it is, and finds the calls that could fail. */
  List<Point> record() throws IOException, InterruptedException {
    Files.createDirectories(base);
    FaultScenario.prepare(base.resolve("template"));
    renew();
    before = FileState.of(work);
    Ending ending = start("");
    Require.argument(
        ending.code == 0, "%s ended with %d: %s", scenario.key(), ending.code, ending.err);
    whole = FileState.of(work);
    learned = FileState.learned(work);
    return SystemCalls.touching(work, log());
  }

  /** Makes a call fail, and looks at what is left; then runs the command again, and looks at that. */
  Outcome fail(Point point, Fault fault) throws IOException, InterruptedException {
    renew();
    String injection = "%s:%s:when=%d".formatted(point.call(), fault.injection(), point.number());
    Ending ending = start(injection);
    List<Hit> hits = SystemCalls.hits(log());
    List<String> problems = new ArrayList<>();
    FileState after = FileState.of(work);
    if (!after.keeps(before)) {
      problems.add("the input was changed");
    }
    problems.addAll(
        fault == Fault.KILL ? killed(ending, after) : failed(ending, after, fault, hits));
    problems.addAll(again());
    boolean reached = fault == Fault.KILL ? ending.code == KILLED : !hits.isEmpty();
    String hit = hits.isEmpty() ? point.example() : hits.get(0).line().replace(work + "/", "");
    return new Outcome(reached ? hit : "", problems);
  }

  private List<String> killed(Ending ending, FileState after) {
    List<String> problems = new ArrayList<>();
    if (ending.code != KILLED && ending.code != 0) {
      problems.add("exit code %d of a killed process".formatted(ending.code));
    }
    SortedSet<String> left = after.beyond(ending.code == 0 ? whole : before);
    left.removeIf(LEFT.asMatchPredicate());
    if (!left.isEmpty()) {
      problems.add("left by a kill: " + left);
    }
    return problems;
  }

  private List<String> failed(Ending ending, FileState after, Fault fault, List<Hit> hits) {
    if (hits.isEmpty() || hits.stream().anyMatch(hit -> !hit.line().contains(work + "/"))) {
      // Something else failed, such as what a process says, or nothing did.
      return List.of();
    }
    if (ending.code == 0) {
      return after.kinds().equals(whole.kinds())
          ? List.of()
          : List.of("exit code 0, and other files: " + after.files().keySet());
    }
    List<String> problems = new ArrayList<>();
    if (ending.code != 1 && ending.code != 2) {
      problems.add("exit code " + ending.code);
    }
    if (!ending.out.isEmpty()) {
      problems.add("a result, and exit code " + ending.code);
    }
    problems.addAll(said(ending.err, fault));
    boolean deleting = hits.stream().anyMatch(hit -> hit.call().matches("unlink.*|rmdir"));
    SortedSet<String> left = after.beyond(before);
    left.removeIf((deleting ? LEFT : KEPT).asMatchPredicate());
    if (!left.isEmpty()) {
      problems.add("left by a failure: " + left);
    }
    return problems;
  }

  private static List<String> said(String err, Fault fault) {
    List<String> lines = err.lines().filter(line -> line.startsWith("adaptive-softmax: ")).toList();
    if (lines.size() != 1) {
      return List.of("not one line: " + err);
    }
    List<String> problems = new ArrayList<>();
    if (!lines.get(0).toLowerCase(Locale.ROOT).contains(fault.words())) {
      problems.add("does not say why: " + lines.get(0));
    }
    if (err.contains("\tat ")) {
      problems.add("a stack trace");
    }
    return problems;
  }

  /** Versions are whole, and the same command goes on to the same weights and leaves nothing. */
  private List<String> again() throws IOException {
    List<String> problems = new ArrayList<>();
    try {
      FileState.requireWhole(work);
    } catch (IllegalArgumentException e) {
      problems.add("a version is not whole: " + e.getMessage());
    }
    Commands.Ending ending = Commands.run(scenario.command(project, work));
    if (ending.code() != 0) {
      problems.add("the next run ends with %d: %s".formatted(ending.code(), ending.err().strip()));
      return problems;
    }
    FileState.requireWhole(work);
    if (!FileState.of(work).kinds().equals(whole.kinds())) {
      problems.add("after the next run: " + FileState.of(work).beyond(whole));
    }
    if (!FileState.learned(work).equals(learned)) {
      problems.add("the next run gives other weights");
    }
    return problems;
  }

  private void renew() throws IOException {
    FileTree.delete(work);
    Path template = base.resolve("template");
    try (var paths = Files.walk(template)) {
      for (Path path : paths.toList()) {
        Files.copy(path, work.resolve(template.relativize(path).toString()));
      }
    }
  }

  private Path log() {
    return base.resolve("strace");
  }

  private Ending start(String injection) throws IOException, InterruptedException {
    Files.deleteIfExists(log());
    List<String> command = new ArrayList<>(SystemCalls.strace(log(), injection));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:-UsePerfData", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=" + base.resolve("crash")));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("org.adaptivesoftmax.cli.Main");
    command.addAll(scenario.command(project, work));
    Path out = base.resolve("said");
    Path err = base.resolve("complained");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().put("TF_CPP_MIN_LOG_LEVEL", "3");
    Process process = builder.start();
    try {
      Require.argument(
          process.waitFor(SECONDS, TimeUnit.SECONDS), "no end after %d s: %s", SECONDS, command);
    } finally {
      process.destroyForcibly().waitFor();
    }
    return new Ending(process.exitValue(), Files.readString(out), Files.readString(err));
  }
}
