package org.adaptivesoftmax.text;

import java.io.IOException;
import org.adaptivesoftmax.internal.io.OneLine;

/** A text that cannot be used: missing, empty or malformed. The message is one line that names the file and, where known, the line. */
public final class TextFileException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * A text that cannot be used.
   *
   * @param message the name of the text, and what is wrong with it
   */
  public TextFileException(String message) {
    super(OneLine.of(message));
  }

  static TextFileException at(String file, long line, String problem) {
    return new TextFileException(file + ":" + line + ": " + problem);
  }
}
