package org.adaptivesoftmax.cli;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.savedmodel.LibraryVersion;
import org.adaptivesoftmax.text.TextFileException;
import org.tensorflow.TensorFlow;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * The command {@code adaptive-softmax}. Each subcommand is a class of its own, a {@code Callable<CommandResult>}.
 *
 * <p>Without a subcommand it runs the {@link MainJob}.
 *
 * <p>Standard output carries the result alone. Exit codes: 0 done; 2 bad arguments or bad input; 1 anything else. A failure
 * is one line on standard error, and a stack trace with {@code --verbose}.
 */
@Command(
    name = "adaptive-softmax",
    description = "Large-vocabulary output layers for TensorFlow.",
    subcommands = {
      TrainCommand.class,
      EvaluateCommand.class,
      CompleteCommand.class,
      ImportPyTorchCommand.class,
      ConvertCommand.class,
      TrainClassifierCommand.class,
      AnswerCommand.class,
      ServeMetricsCommand.class,
      InspectCommand.class
    })
public final class Main {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int BAD_INPUT = 2;

  private static final JsonMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  @SuppressWarnings("UnusedVariable") // picocli reads it.
  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Write the versions of the library and of TensorFlow.")
  boolean version;

  @Mixin private final OutputOptions options = new OutputOptions();

  private Main() {}

  /**
   * Runs a command. Exits the process after a failure; returns after success, since Maven runs it within its own.
   *
   * @param args the subcommand and its arguments
   */
  public static void main(String[] args) {
    main(args, List.of());
  }

  /** {@link #main(String[])} with commands that are no part of the library. */
  public static void main(String[] args, List<Class<?>> moreCommands) {
    NativeEnvironment.setDefaults();
    // TensorFlow Java numbers its nodes in the default locale's digits, and takes only ASCII in
    // their names.
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    int code = run(utf8(System.out), utf8(System.err), moreCommands, args);
    if (code != DONE) {
      System.exit(code);
    }
  }

  /** Runs a command and gives the exit code. */
  static int run(PrintStream out, PrintStream err, String... args) {
    return run(out, err, List.of(), args);
  }

  /** Runs one of the commands or of more, and gives the exit code. */
  public static int run(
      PrintStream out, PrintStream err, List<Class<?>> moreCommands, String... args) {
    Main main = new Main();
    try {
      CommandLine commands = new CommandLine(main);
      moreCommands.forEach(commands::addSubcommand);
      ParseResult arguments = commands.parseArgs(args);
      if (printHelp(out, arguments)) {
        return DONE;
      }
      CommandResult result = call(arguments);
      out.println(main.options.json ? JSON.writeValueAsString(result) : result.text());
      return DONE;
    } catch (Throwable failure) {
      err.println("adaptive-softmax: " + message(failure));
      if (main.options.verbose) {
        failure.printStackTrace(err);
      }
      return isBadInput(failure) ? BAD_INPUT : FAILED;
    }
  }

  private static boolean printHelp(PrintStream out, ParseResult arguments) {
    CommandLine command = last(arguments);
    if (command.isUsageHelpRequested()) {
      command.usage(out);
    } else if (command.isVersionHelpRequested()) {
      out.printf("%s, TensorFlow %s%n", LibraryVersion.get(), TensorFlow.version());
    } else {
      return false;
    }
    return true;
  }

  private static CommandResult call(ParseResult arguments) throws Exception {
    CommandLine command = last(arguments);
    NativeLog.passFirstSession();
    if (command.getCommand() instanceof Main) {
      return new MainJob().call();
    }
    if (command.getCommand() instanceof Callable<?> callable) {
      return (CommandResult) callable.call();
    }
    throw new ParameterException(
        command, "a command is missing: one of " + command.getSubcommands().keySet());
  }

  private static CommandLine last(ParseResult arguments) {
    return arguments.asCommandLineList().get(arguments.asCommandLineList().size() - 1);
  }

  private static boolean isBadInput(Throwable failure) {
    return failure instanceof ParameterException
        || failure instanceof IllegalArgumentException
        || failure instanceof TextFileException
        || failure instanceof NoSuchFileException
        || failure instanceof AccessDeniedException;
  }

  /** One line; a file system's exception has a path for its message, and the type says what is wrong with it. */
  static String message(Throwable failure) {
    String message = failure.getMessage();
    if (failure instanceof NoSuchFileException) {
      message = "no such file: " + message;
    } else if (failure instanceof AccessDeniedException) {
      message = "permission denied: " + message;
    } else if (message == null
        || (failure instanceof FileSystemException e && e.getReason() == null)) {
      message = failure.toString();
    }
    return message.strip().replaceAll("\\s*\\R\\s*", " ");
  }

  private static PrintStream utf8(PrintStream stream) {
    return new PrintStream(stream, true, StandardCharsets.UTF_8);
  }
}
