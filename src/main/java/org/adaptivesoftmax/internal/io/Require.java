package org.adaptivesoftmax.internal.io;

/** Argument checks: a short message that names the argument and its value. */
public final class Require {
  private Require() {}

  public static void argument(boolean condition, String format, Object... values) {
    if (!condition) {
      throw new IllegalArgumentException(format.formatted(values));
    }
  }
}
