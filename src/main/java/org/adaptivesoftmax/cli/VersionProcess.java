package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.adaptivesoftmax.internal.io.TemporaryDirectory;
import org.adaptivesoftmax.savedmodel.PublishedVersion;

/** Loads a version in a process of its own, which a model may end or hold up for ever without harm to this one. */
final class VersionProcess {
  private static final String CRASH = "crash";
  private static final String SAID = "said";

  private VersionProcess() {}

  /**
   * Makes sure that a version answers.
   *
   * @param trusted whether it may do whatever TensorFlow can
   * @param limit after which the process is ended
   * @throws IllegalArgumentException if it does not answer, ends its process, or takes longer
   */
  static void check(Path version, boolean trusted, Duration limit)
      throws IOException, InterruptedException {
    try (TemporaryDirectory temporary = TemporaryDirectory.create()) {
      check(version, trusted, limit, temporary.path());
    }
  }

  private static void check(Path version, boolean trusted, Duration limit, Path directory)
      throws IOException, InterruptedException {
    List<String> command =
        ChildJava.command(
            VersionProcess.class,
            "-XX:TieredStopAtLevel=1",
            "-XX:-CreateCoredumpOnCrash",
            "-XX:ErrorFile=" + directory.resolve(CRASH));
    command.addAll(List.of(version.toString(), Boolean.toString(trusted)));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(directory.resolve(SAID).toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalArgumentException(
            "model version does not answer within %d s (--timeout): %s"
                .formatted(limit.toSeconds(), version));
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    report(process.exitValue(), directory, version);
  }

  private static void report(int code, Path directory, Path version) throws IOException {
    Path crash = directory.resolve(CRASH);
    if (Files.exists(crash)) {
      throw new IllegalArgumentException(
          "model version crashes the process that loads it, by %s: %s"
              .formatted(signal(crash), version));
    }
    if (code == FailureReport.BAD_INPUT) {
      throw new IllegalArgumentException(Files.readString(directory.resolve(SAID)).strip());
    } else if (code != FailureReport.DONE) {
      throw new IllegalArgumentException(
          "model version ends the process that loads it, with exit code %d: %s"
              .formatted(code, version));
    }
  }

  /** What the virtual machine writes of its end. */
  private static String signal(Path crash) throws IOException {
    Matcher signal =
        Pattern.compile("(SIG[A-Z]+|EXCEPTION_\\w+)")
            .matcher(Files.readString(crash, StandardCharsets.ISO_8859_1));
    return signal.find() ? signal.group() : "an error of the virtual machine";
  }

  /**
   * What the process runs.
   *
   * @param args the version's directory, and whether it is trusted
   */
  public static void main(String[] args) {
    NativeEnvironment.setDefaults();
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    int code = FailureReport.DONE;
    try {
      PublishedVersion.requireAnswers(Path.of(args[0]), Boolean.parseBoolean(args[1]));
    } catch (IOException | RuntimeException e) {
      out.println(FailureReport.message(e));
      code = FailureReport.BAD_INPUT;
    }
    Runtime.getRuntime().halt(code);
  }
}
