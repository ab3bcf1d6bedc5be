package org.adaptivesoftmax.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a command, run in this process, gave. */
public record CommandRun(int code, String out, String err) {
  public static CommandRun of(String... args) {
    return of(List.of(), args);
  }

  /** Runs a command of the library, or one of more. */
  public static CommandRun of(List<Class<?>> moreCommands, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code = Main.run(print(out), print(err), moreCommands, args);
    return new CommandRun(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static PrintStream print(ByteArrayOutputStream stream) {
    return new PrintStream(stream, true, StandardCharsets.UTF_8);
  }
}
