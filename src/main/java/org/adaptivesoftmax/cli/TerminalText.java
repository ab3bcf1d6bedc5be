package org.adaptivesoftmax.cli;

import java.util.Locale;
import java.util.regex.Pattern;

/** Text out of files and models, as a terminal may show it: what would steer the terminal is not among it. */
final class TerminalText {
  private static final Pattern NO_LINE = Pattern.compile("[\\p{Cc}&&[^\\n\\r\\t]]");
  private static final Pattern BEYOND_ASCII = Pattern.compile("[\\x7F-\\x9F]");

  private TerminalText() {}

  /** Lines of a result. */
  static String lines(String text) {
    return NO_LINE.matcher(text).replaceAll("?");
  }

  /** JSON, whose writer escapes the control characters of ASCII alone. */
  static String json(String json) {
    return BEYOND_ASCII
        .matcher(json)
        .replaceAll(
            match -> String.format(Locale.ROOT, "\\\\u00%02x", (int) match.group().charAt(0)));
  }
}
