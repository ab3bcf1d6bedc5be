package org.adaptivesoftmax.cli;

import java.util.Locale;
import java.util.regex.Pattern;

/** Text out of files and models, as a terminal may show it: what would steer the terminal is not among it. */
final class TerminalText {
  /** Longer messages hide what they say. */
  private static final int MAX_MESSAGE = 2000;

  private static final Pattern NO_LINE = Pattern.compile("[\\p{Cc}&&[^\\n\\r\\t]]");
  private static final Pattern LINE_END = Pattern.compile("\\s*\\R\\s*");
  private static final Pattern CONTROL = Pattern.compile("\\p{Cc}");
  private static final Pattern BEYOND_ASCII = Pattern.compile("[\\x7F-\\x9F]");

  private TerminalText() {}

  /** Lines of a result. */
  static String lines(String text) {
    return NO_LINE.matcher(text).replaceAll("?");
  }

  /** One line, cut if it is too long. */
  static String message(String text) {
    String line = LINE_END.matcher(text.strip()).replaceAll(" ");
    String safe = CONTROL.matcher(line).replaceAll("?");
    return safe.length() <= MAX_MESSAGE
        ? safe
        : safe.substring(0, MAX_MESSAGE - 100) + "… (" + safe.length() + " characters)";
  }

  /** JSON, whose writer escapes the control characters of ASCII alone. */
  static String json(String json) {
    return BEYOND_ASCII
        .matcher(json)
        .replaceAll(
            match -> String.format(Locale.ROOT, "\\\\u00%02x", (int) match.group().charAt(0)));
  }
}
