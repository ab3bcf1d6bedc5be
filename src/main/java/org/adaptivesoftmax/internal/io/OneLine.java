package org.adaptivesoftmax.internal.io;

import java.util.regex.Pattern;

/** A message with what others wrote in it: it neither breaks into lines, nor steers a terminal, nor fills the screen. */
public final class OneLine {
  /** Characters; longer messages hide what they say. */
  public static final int MAX_LENGTH = 2_000;

  private static final Pattern LINE_END = Pattern.compile("\\s*\\R\\s*");
  private static final Pattern CONTROL = Pattern.compile("\\p{Cc}");

  /** Room for how many characters there were. */
  private static final int NOTE = 100;

  private OneLine() {}

  /** The message with its lines joined and control characters replaced, cut if it is too long. */
  public static String of(String message) {
    String line = LINE_END.matcher(message.strip()).replaceAll(" ");
    return cut(CONTROL.matcher(line).replaceAll("?"));
  }

  /** A text of any lines, cut if it is too long for a message. */
  public static String cut(String text) {
    if (text.length() <= MAX_LENGTH) {
      return text;
    }
    int end = MAX_LENGTH - NOTE;
    boolean half = Character.isHighSurrogate(text.charAt(end - 1));
    return text.substring(0, half ? end - 1 : end) + "… (" + text.length() + " characters)";
  }
}
