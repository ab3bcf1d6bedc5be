package org.adaptivesoftmax.fuzz;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Where Jazzer enters: it finds these methods by their names. */
public final class FuzzEntry {
  private static @Nullable Oracle oracle;

  private FuzzEntry() {}

  /**
   * Called once.
   *
   * @param arguments the target's name
   */
  public static void fuzzerInitialize(String[] arguments) throws IOException {
    oracle = new Oracle(FuzzTargets.named(arguments[0]));
  }

  /** Called for each input. */
  public static void fuzzerTestOneInput(byte[] input) {
    if (oracle != null) {
      oracle.check(input);
    }
  }

  /** Called at the end. */
  public static void fuzzerTearDown() throws IOException {
    if (oracle != null) {
      oracle.close();
    }
  }
}
