package org.adaptivesoftmax.bench.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.adaptivesoftmax.internal.io.Require;

/** The system calls of a process, as strace records them. */
final class SystemCalls {
  /** Those that change what is on a disk. */
  static final List<String> CHANGING =
      List.of(
          "rename",
          "renameat",
          "renameat2",
          "unlink",
          "unlinkat",
          "rmdir",
          "mkdir",
          "mkdirat",
          "fsync",
          "fdatasync",
          "write",
          "pwrite64",
          "writev",
          "ftruncate",
          "open",
          "openat");

  private static final Pattern CALL = Pattern.compile("(\\d+) +(\\w+)\\((.*)");
  private static final Pattern WRITES = Pattern.compile("\\bO_(WRONLY|RDWR|CREAT)\\b");

  /**
   * A call in a thread, which strace can make fail.
   *
   * @param call its name
   * @param number among the calls of this name in its thread, from 1
   * @param changes whether it changes files, or only reads them
   * @param example where it was seen, with the run's own directory left out
   */
  record Point(String call, int number, boolean changes, String example) {}

  /**
   * A call that was made to fail.
   *
   * @param call its name
   * @param line as strace writes it
   */
  record Hit(String call, String line) {}

  private SystemCalls() {}

  /** What strace is started with, before what it traces. */
  static List<String> strace(Path log, String injection) {
    List<String> command = new ArrayList<>(List.of("strace", "-f", "-y", "-qq"));
    if (!injection.contains("signal=")) {
      command.add("--seccomp-bpf"); // much faster, but strace 6 loses the signal
    }
    command.addAll(List.of("-s", "0", "-o", log.toString()));
    command.addAll(List.of("-e", "trace=" + String.join(",", CHANGING)));
    if (!injection.isEmpty()) {
      command.addAll(List.of("-e", "inject=" + injection));
    }
    return command;
  }

  /** Whether strace is there, and may trace. */
  static boolean isThere() throws InterruptedException {
    try {
      return new ProcessBuilder("strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "true")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * The calls that touch a directory, once for each name and number, whichever thread made them.
   *
   * @param log of a run in which nothing failed
   */
  static List<Point> touching(Path directory, Path log) throws IOException {
    Map<String, Integer> numbers = new HashMap<>();
    Map<String, Point> points = new TreeMap<>();
    for (String line : lines(log)) {
      Matcher call = CALL.matcher(line);
      if (call.lookingAt()) {
        String name = call.group(2);
        int number = numbers.merge(call.group(1) + " " + name, 1, Integer::sum);
        String arguments = call.group(3);
        if (arguments.contains(directory + "/")) {
          boolean changes = !name.startsWith("open") || WRITES.matcher(arguments).find();
          String example = arguments.replace(directory + "/", "");
          points.merge(
              name + " " + number,
              new Point(name, number, changes, example),
              (one, other) -> one.changes ? one : other);
        }
      }
    }
    Require.argument(!points.isEmpty(), "no system call touches %s", directory);
    return points.values().stream()
        .sorted(Comparator.comparing(Point::call).thenComparing(Point::number))
        .toList();
  }

  /** The calls that were made to fail. */
  static List<Hit> hits(Path log) throws IOException {
    Map<String, Matcher> unfinished = new HashMap<>();
    List<Hit> hits = new ArrayList<>();
    for (String line : lines(log)) {
      Matcher call = CALL.matcher(line);
      String thread = line.substring(0, Math.max(0, line.indexOf(' ')));
      if (call.lookingAt()) {
        unfinished.put(thread, call);
      }
      Matcher begun = unfinished.get(thread);
      if (line.contains("(INJECTED)") && begun != null) {
        hits.add(new Hit(begun.group(2), begun.group(2) + "(" + begun.group(3)));
      }
    }
    return hits;
  }

  private static List<String> lines(Path log) throws IOException {
    // Names are bytes.
    return Files.readAllLines(log, StandardCharsets.ISO_8859_1);
  }
}
