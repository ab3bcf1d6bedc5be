package org.adaptivesoftmax.bench.faults;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.adaptivesoftmax.cli.Main;

/** Commands of the library in this process: they load much that another process would load anew. */
final class Commands {
  /**
   * How a command ended.
   *
   * @param code its exit code
   * @param err what it said of it
   */
  record Ending(int code, String err) {}

  private Commands() {}

  static Ending run(List<String> arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code = Main.run(print(out), print(err), List.of(), arguments.toArray(String[]::new));
    return new Ending(code, err.toString(StandardCharsets.UTF_8));
  }

  private static PrintStream print(ByteArrayOutputStream stream) {
    return new PrintStream(stream, true, StandardCharsets.UTF_8);
  }
}
