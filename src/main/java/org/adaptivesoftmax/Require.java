package org.adaptivesoftmax;

/** Argument checks: a short message that names the argument and its value. */
final class Require {
  private Require() {}

  static void argument(boolean condition, String format, Object... values) {
    if (!condition) {
      throw new IllegalArgumentException(format.formatted(values));
    }
  }
}
