package org.adaptivesoftmax.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The lines of a UTF-8 stream, decoded one at a time, so that an error can name its line. Lines end in LF or CRLF; a
 * byte order mark at the start is skipped.
 */
final class TextLines {
  /** A longer line is most likely no text; without a limit it would take all memory. */
  static final int MAX_LINE_BYTES = 1 << 24;

  private static final int BOM = '\uFEFF';

  private final String name;
  private final Action action;
  private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
  private byte[] line = new byte[1 << 12];
  private int length;
  private long number = 1;

  /** Takes a line and its number, counted from 1. */
  interface Action {
    void accept(long number, String line) throws IOException;
  }

  private TextLines(String name, Action action) {
    this.name = name;
    this.action = action;
  }

  /**
   * @param name of the stream, for errors
   * @throws TextFileException if a line is not UTF-8, or longer than {@link #MAX_LINE_BYTES}
   */
  static void forEach(InputStream in, String name, Action action) throws IOException {
    new TextLines(name, action).read(in);
  }

  private void read(InputStream in) throws IOException {
    byte[] chunk = new byte[1 << 16];
    for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
      int start = 0;
      for (int i = 0; i < read; i++) {
        if (chunk[i] == '\n') {
          append(chunk, start, i);
          endLine();
          start = i + 1;
        }
      }
      append(chunk, start, read);
    }
    if (length > 0) {
      endLine();
    }
  }

  private void append(byte[] chunk, int start, int end) throws TextFileException {
    int longer = length + end - start;
    if (longer > MAX_LINE_BYTES) {
      throw TextFileException.at(name, number, "line is longer than " + MAX_LINE_BYTES + " bytes");
    }
    if (longer > line.length) {
      line = Arrays.copyOf(line, Math.max(longer, 2 * line.length));
    }
    System.arraycopy(chunk, start, line, length, end - start);
    length = longer;
  }

  private void endLine() throws IOException {
    int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
    String text;
    try {
      text = decoder.decode(ByteBuffer.wrap(line, 0, end)).toString();
    } catch (CharacterCodingException e) {
      TextFileException malformed = TextFileException.at(name, number, "not valid UTF-8");
      malformed.initCause(e);
      throw malformed;
    }
    boolean marked = number == 1 && !text.isEmpty() && text.charAt(0) == BOM;
    action.accept(number, marked ? text.substring(1) : text);
    number++;
    length = 0;
  }
}
