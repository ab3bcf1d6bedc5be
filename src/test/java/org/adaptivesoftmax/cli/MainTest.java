package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.TensorFlow;
import picocli.CommandLine;

class MainTest {
  @ParameterizedTest
  @ValueSource(strings = {"nonsense", "--nonsense", "--json=perhaps"})
  void badArgumentsAreOneLine(String argument) {
    CommandRun run = CommandRun.of(argument);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("adaptive-softmax: ").containsOnlyOnce("\n");
    assertThat(run.err()).contains(argument.replaceAll(".*=", ""));
  }

  @Test
  void verboseAddsTheStackTrace() {
    CommandRun run = CommandRun.of("--verbose", "nonsense");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("adaptive-softmax: ", "\tat ");
  }

  @Test
  void aMessageIsOneLineThatSaysWhatIsWrong() {
    assertThat(FailureReport.message(new NoSuchFileException("a/b")))
        .isEqualTo("no such file: a/b");
    assertThat(FailureReport.message(new AccessDeniedException("a/b")))
        .isEqualTo("permission denied: a/b");
    assertThat(FailureReport.message(new FileAlreadyExistsException("a/b")))
        .isEqualTo("java.nio.file.FileAlreadyExistsException: a/b");
    assertThat(
            FailureReport.message(new FileSystemException("a/b", null, "No space left on device")))
        .isEqualTo("a/b: No space left on device");
    assertThat(FailureReport.message(new IllegalStateException("first\n  second\n")))
        .isEqualTo("first second");
    assertThat(FailureReport.message(new OutOfMemoryError()))
        .isEqualTo("java.lang.OutOfMemoryError");
  }

  @Test
  void whatSteersATerminalDoesNotReachIt() {
    assertThat(FailureReport.message(new IllegalArgumentException("a\u001B[2Jb\u009Bc\u0000")))
        .isEqualTo("a?[2Jb?c?");
    assertThat(TerminalText.lines("a\tb\n\u001B]0;c\u0007\r\n")).isEqualTo("a\tb\n?]0;c?\r\n");
    assertThat(TerminalText.json("{\"a\":\"\u009B\u007F\u00E9\"}"))
        .isEqualTo("{\"a\":\"\\u009b\\u007f\u00E9\"}");
  }

  @Test
  void aMessageIsNoLongerThanAPage() {
    String message = FailureReport.message(new IllegalArgumentException("x".repeat(5_000_000)));
    assertThat(message).hasSizeLessThan(2_000).endsWith("x… (5000000 characters)");
  }

  @Test
  void anArgumentThatBeginsWithAnAtSignIsNoFileOfOptions(@TempDir Path directory)
      throws IOException {
    Path options = Files.writeString(directory.resolve("options"), "--help");
    CommandRun run = CommandRun.of("count", "--out", "x", "--corpus", "@" + options);
    assertThat(run.err()).contains("no such file: @" + options);
    assertThat(run.code()).isEqualTo(2);
  }

  @Test
  void versionsAreAResult() {
    CommandRun run = CommandRun.of("--version");
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .matches("\\d+\\.\\d+\\.\\d+\\S*, TensorFlow \\Q" + TensorFlow.version() + "\\E\n");
  }

  @Test
  void aCommandHasHelpOfItsOwn() {
    CommandRun run = CommandRun.of("import-pytorch", "--help");
    assertThat(run.code()).isZero();
    assertThat(run.out()).startsWith("Usage: adaptive-softmax import-pytorch").contains("--json");
  }

  @Test
  void helpIsAResult() {
    CommandRun run = CommandRun.of("--help");
    assertThat(run.code()).isZero();
    assertThat(run.out()).startsWith("Usage: adaptive-softmax");
    assertThat(run.err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"generate-completion", "--help", "train --help", "--version"})
  void aResultThatCannotBeWrittenIsAFailure(String arguments) {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int value) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        Main.run(
            new PrintStream(full, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            List.of(),
            arguments.split(" "));
    assertThat(code).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo("adaptive-softmax: the result could not be written to standard output\n");
  }

  @Test
  void helpFits80Columns() {
    List<Class<?>> all =
        List.of(MainCommand.class.getAnnotation(CommandLine.Command.class).subcommands());
    assertThat(all).hasSizeGreaterThan(8);
    for (Class<?> command : all) {
      String name = command.getAnnotation(CommandLine.Command.class).name();
      assertThat(CommandRun.of(name, "--help").out().lines())
          .as(name)
          .allMatch(line -> line.length() <= 80);
    }
    assertThat(CommandRun.of("--help").out().lines()).allMatch(line -> line.length() <= 80);
  }

  @Test
  void anErrorIsOneLineToo() {
    CommandRun run = CommandRun.of(List.of(Failing.class), "fail");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).isEqualTo("adaptive-softmax: first second\n");
  }

  @CommandLine.Command(name = "fail")
  static final class Failing implements Callable<CommandResult> {
    @Override
    public CommandResult call() {
      throw new OutOfMemoryError("first\n second");
    }
  }
}
