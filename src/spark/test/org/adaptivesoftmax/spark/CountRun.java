package org.adaptivesoftmax.spark;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.cli.Main;

/**
 * One run of the command {@code count}.
 *
 * @param code the exit code
 * @param err standard error
 * @param out the counts directory
 */
record CountRun(int code, String err, Path out) {
  static CountRun local(Path out, String... options) {
    return of(out, "local", options);
  }

  /** With two threads, so that a text is divided. */
  static CountRun spark(Path out, String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    if (!all.contains("--master")) {
      all.addAll(List.of("--master", "local[2]"));
    }
    return of(out, "spark", all.toArray(String[]::new));
  }

  private static CountRun of(Path out, String engine, String... options) {
    List<String> args = new ArrayList<>(List.of("count", "--engine", engine));
    args.addAll(List.of("--date", "2026-11-28", "--out", out.toString()));
    args.addAll(List.of(options));
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream nowhere =
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    int code =
        Main.run(
            nowhere,
            new PrintStream(err, true, StandardCharsets.UTF_8),
            List.of(),
            args.toArray(String[]::new));
    return new CountRun(code, err.toString(StandardCharsets.UTF_8).strip(), out);
  }

  String counts() throws IOException {
    return read("counts.tsv");
  }

  String about() throws IOException {
    return read("about.json");
  }

  private String read(String file) throws IOException {
    return Files.readString(out.resolve(file));
  }
}
