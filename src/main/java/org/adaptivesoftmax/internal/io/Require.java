package org.adaptivesoftmax.internal.io;

import java.util.Locale;

/**
 * Checks with a short message of one line that names what is wrong and its value, in the same digits whatever the default
 * locale.
 */
public final class Require {
  private Require() {}

  /**
   * Checks an argument, or a file's content.
   *
   * @throws IllegalArgumentException if the condition does not hold
   */
  public static void argument(boolean condition, String format, Object... values) {
    if (!condition) {
      throw new IllegalArgumentException(OneLine.of(String.format(Locale.ROOT, format, values)));
    }
  }
}
