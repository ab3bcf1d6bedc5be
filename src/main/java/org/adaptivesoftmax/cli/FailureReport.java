package org.adaptivesoftmax.cli;

import java.io.PrintStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.internal.io.OneLine;
import org.adaptivesoftmax.text.TextFileException;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IExitCodeExceptionMapper;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Reports why a command failed: one line, a stack trace as well with {@code --verbose}, and the exit code.
 *
 * @param err where it is written
 * @param options whether a stack trace is wanted
 */
record FailureReport(PrintStream err, OutputOptions options)
    implements IParameterExceptionHandler, IExecutionExceptionHandler, IExitCodeExceptionMapper {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int BAD_INPUT = 2;

  @Override
  public int handleParseException(ParameterException failure, String[] args) {
    String suggestion =
        failure instanceof UnmatchedArgumentException unmatched ? suggestion(unmatched) : "";
    return report(failure, message(failure) + suggestion);
  }

  @Override
  public int handleExecutionException(
      Exception failure, CommandLine command, ParseResult arguments) {
    Throwable cause =
        failure instanceof ExecutionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return report(cause, message(cause));
  }

  private int report(Throwable failure, String line) {
    err.println("adaptive-softmax: " + line);
    if (options.verbose) {
      failure.printStackTrace(err);
    }
    return getExitCode(failure);
  }

  @Override
  public int getExitCode(Throwable failure) {
    return failure instanceof ParameterException
            || failure instanceof IllegalArgumentException
            || failure instanceof TextFileException
            || failure instanceof NoSuchFileException
            || failure instanceof AccessDeniedException
        ? BAD_INPUT
        : FAILED;
  }

  private static String suggestion(UnmatchedArgumentException failure) {
    // Not picocli's own suggestions: these are the ten that it finds most alike, by other rules.
    CommandSpec command = failure.getCommandLine().getCommandSpec();
    List<String> names = new ArrayList<>(command.subcommands().keySet());
    names.addAll(command.optionsMap().keySet());
    List<String> near = Misspelling.near(failure.getUnmatched().get(0), names);
    return near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?";
  }

  /** One line; a file system's exception has a path for its message, and the type says what is wrong with it. */
  static String message(Throwable failure) {
    String message = failure.getMessage();
    if (failure instanceof NoSuchFileException) {
      message = "no such file: " + message;
    } else if (failure instanceof AccessDeniedException) {
      message = "permission denied: " + message;
    } else if (failure instanceof ClosedByInterruptException) {
      message = "interrupted";
    } else if (message == null
        || (failure instanceof FileSystemException e && e.getReason() == null)) {
      message = failure.toString();
    }
    return OneLine.of(message);
  }
}
