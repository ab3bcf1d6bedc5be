package org.adaptivesoftmax.cli;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.adaptivesoftmax.distributed.ClusterTask;
import org.adaptivesoftmax.internal.io.OptionalLibrary;

/** The main class of the command {@code adaptive-softmax}, {@link MainCommand}, which does not link without picocli. */
public final class Main {
  /** What every command needs: all of them are made before one is chosen. */
  private static final List<OptionalLibrary> LIBRARIES =
      List.of(
          OptionalLibrary.PICOCLI,
          OptionalLibrary.PROGRESSBAR,
          OptionalLibrary.JACKSON,
          OptionalLibrary.JNA,
          OptionalLibrary.MICROMETER,
          OptionalLibrary.PROMETHEUS);

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
    requireLibraries();
    NativeEnvironment.setDefaults();
    // TensorFlow Java numbers its nodes in the default locale's digits, and takes only ASCII in
    // their names.
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    PrintStream out = utf8(System.out);
    PrintStream err = utf8(System.err);
    int code = OrderlyEnd.of(() -> run(out, err, moreCommands, args));
    if (ClusterTask.isStarted()) {
      // TensorFlow cannot end its server, and may wait for other tasks when it is unloaded.
      Runtime.getRuntime().halt(code);
    }
    if (code != FailureReport.DONE) {
      System.exit(code);
    }
  }

  private static void requireLibraries() {
    try {
      LIBRARIES.forEach(library -> library.require("the command"));
    } catch (IllegalStateException missing) {
      System.err.println("adaptive-softmax: " + missing.getMessage());
      System.exit(FailureReport.BAD_INPUT);
    }
  }

  /** Runs one of the commands or of more, and gives the exit code. */
  public static int run(
      PrintStream out, PrintStream err, List<Class<?>> moreCommands, String... args) {
    return MainCommand.run(out, err, moreCommands, args);
  }

  private static PrintStream utf8(PrintStream stream) {
    return new PrintStream(stream, true, StandardCharsets.UTF_8);
  }
}
