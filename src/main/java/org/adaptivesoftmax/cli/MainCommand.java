package org.adaptivesoftmax.cli;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.cli.FirstSession.Threaded;
import org.adaptivesoftmax.internal.io.LibraryVersion;
import org.tensorflow.TensorFlow;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/**
 * The command {@code adaptive-softmax}. Each subcommand is a class of its own, a {@code Callable<CommandResult>}.
 *
 * <p>Without a subcommand it runs the {@link MainJob}.
 *
 * <p>Standard output carries the result alone. Exit codes: 0 done; 2 bad arguments or bad input; 1 anything else. A failure
 * is one line on standard error, and a stack trace with {@code --verbose}. A signal ends a command after its current step,
 * with the signal's own exit code.
 */
@Command(
    name = "adaptive-softmax",
    description = {
      "Large-vocabulary output layers for TensorFlow.",
      "Without a command: train a language model on WordNet's definitions, export it, and complete"
          + " three texts with the export."
    },
    versionProvider = MainCommand.Versions.class,
    subcommands = {
      TrainCommand.class,
      CountCommand.class,
      PlanCommand.class,
      EvaluateCommand.class,
      CompleteCommand.class,
      ImportPyTorchCommand.class,
      ConvertCommand.class,
      TrainClassifierCommand.class,
      AnswerCommand.class,
      ServeCommand.class,
      InspectCommand.class,
      DriftCommand.class,
      RebucketCommand.class,
      DiffCommand.class,
      ReportCommand.class,
      CompletionCommand.class
    })
final class MainCommand implements Callable<CommandResult> {
  private static final JsonMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  private static final String NOT_WRITTEN = "the result could not be written to standard output";

  @SuppressWarnings("UnusedVariable") // picocli reads it.
  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Write the versions of the library and of TensorFlow.")
  private boolean version;

  @Mixin private final OutputOptions options = new OutputOptions();

  private final PrintStream out;

  private MainCommand(PrintStream out) {
    this.out = out;
  }

  /** The versions of this library and of TensorFlow. */
  static final class Versions implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {
        "%s, TensorFlow %s".formatted(LibraryVersion.get(), TensorFlow.version())
      };
    }
  }

  /** Runs one of the commands or of more, and gives the exit code. */
  static int run(PrintStream out, PrintStream err, List<Class<?>> moreCommands, String... args) {
    MainCommand main = new MainCommand(out);
    CommandLine commands = new CommandLine(main);
    moreCommands.forEach(commands::addSubcommand);
    FailureReport failures = new FailureReport(err, main.options);
    return commands
        .setExpandAtFiles(false) // A text may begin with @.
        .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
        .setExecutionStrategy(main::execute)
        .setParameterExceptionHandler(failures)
        .setExecutionExceptionHandler(failures)
        .setExitCodeExceptionMapper(failures)
        .execute(args);
  }

  @Override
  public CommandResult call() throws Exception {
    return new MainJob().call();
  }

  /** {@return whether the result is to be one JSON object} */
  boolean json() {
    return options.json;
  }

  private int execute(ParseResult arguments) {
    Integer helped = CommandLine.executeHelpRequest(arguments);
    if (helped != null) {
      return out.checkError() ? failed(arguments) : helped;
    }
    List<CommandLine> parsed = arguments.asCommandLineList();
    CommandLine command = parsed.get(parsed.size() - 1);
    try {
      FirstSession.run(command.getCommand() instanceof Threaded chosen ? chosen.threads() : 0);
      int code = new RunLast().execute(arguments);
      print(command.getExecutionResult());
      return code;
    } catch (ParameterException | ExecutionException e) {
      throw e;
    } catch (Throwable e) { // Errors too: picocli's handlers see exceptions alone.
      throw new ExecutionException(command, e.toString(), e);
    }
  }

  /** A result as one JSON object. */
  static String json(CommandResult result) throws IOException {
    return JSON.writeValueAsString(result);
  }

  private void print(CommandResult result) throws IOException {
    out.println(options.json ? TerminalText.json(json(result)) : TerminalText.lines(result.text()));
    if (out.checkError()) {
      throw new IOException(NOT_WRITTEN);
    }
  }

  private static int failed(ParseResult arguments) {
    throw new ExecutionException(
        arguments.commandSpec().commandLine(), NOT_WRITTEN, new IOException(NOT_WRITTEN));
  }
}
