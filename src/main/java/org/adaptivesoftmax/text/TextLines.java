package org.adaptivesoftmax.text;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a UTF-8 stream, decoded one at a time, so that an error can name its line. Lines end in LF or CRLF; a
 * byte order mark at the start is skipped.
 *
 * <pre>{@code
 * try (TextLines lines = TextLines.open(Files.newInputStream(file), file.toString())) {
 *   for (String line = lines.next(); line != null; line = lines.next()) {
 *     System.out.println(line);
 *   }
 * }
 * }</pre>
 */
public final class TextLines implements Closeable {
  /** A longer line is most likely no text; without a limit it would take all memory. */
  static final int MAX_LINE_BYTES = 1 << 24;

  private static final int BOM = '\uFEFF';

  private final InputStream in;
  private final String name;
  private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
  private final byte[] chunk = new byte[1 << 16];
  private int start;
  private int end;
  private byte[] line = new byte[1 << 12];
  private int length;
  private long number;
  private boolean blank = true;

  /** Takes a line and its number, counted from 1. */
  interface Action {
    void accept(long number, String line) throws IOException;
  }

  private TextLines(InputStream in, String name) {
    this.in = in;
    this.name = name;
  }

  /**
   * The lines of a stream, plain or compressed by gzip or Zstandard, which its first bytes tell.
   *
   * @param in closed with the lines, and also if this fails
   * @param name of the stream, for errors
   * @return its lines
   * @throws TextFileException if it is damaged
   * @throws IllegalStateException if it needs a library that is missing
   * @throws IOException if it cannot be read
   */
  public static TextLines open(InputStream in, String name) throws IOException {
    return new TextLines(CompressedText.open(in, name), name);
  }

  /**
   * The lines of a stream that is not compressed.
   *
   * @param in closed with the lines
   * @param name of the stream, for errors
   * @return its lines
   */
  public static TextLines ofPlain(InputStream in, String name) {
    return new TextLines(in, name);
  }

  /**
   * Whether a stream is compressed in a form that {@link #open} reads.
   *
   * @param start its first bytes, at least 4 unless it is shorter
   * @return whether it is
   */
  public static boolean isCompressed(byte[] start) {
    return CompressedText.isCompressed(start);
  }

  /**
   * @param name of the stream, for errors
   * @throws TextFileException if a line is not UTF-8, or longer than {@link #MAX_LINE_BYTES}
   */
  static void forEach(InputStream in, String name, Action action) throws IOException {
    TextLines lines = new TextLines(in, name);
    for (String line = lines.next(); line != null; line = lines.next()) {
      action.accept(lines.number, line);
    }
  }

  /**
   * Reads on.
   *
   * @return the next line, without its end; null after the last
   * @throws TextFileException if it is not UTF-8, or longer than 16 MB
   * @throws IOException if it cannot be read
   */
  public @Nullable String next() throws IOException {
    length = 0;
    while (true) {
      int at = start;
      while (at < end && chunk[at] != '\n') {
        at++;
      }
      append(start, at);
      if (at < end) {
        start = at + 1;
        return decoded();
      }
      start = 0;
      end = in.read(chunk);
      if (end < 0) {
        end = 0;
        return length > 0 ? decoded() : null;
      }
    }
  }

  /**
   * Fails if all lines so far are blank: called after the last, if the stream is no text to count or to learn from.
   *
   * @throws TextFileException if they are, or there was none
   */
  public void requireText() throws TextFileException {
    if (blank) {
      throw new TextFileException(name + ": empty, a corpus needs at least one line of text");
    }
  }

  private void append(int from, int to) throws TextFileException {
    int longer = length + to - from;
    if (longer > MAX_LINE_BYTES) {
      throw TextFileException.at(
          name, number + 1, "line is longer than " + MAX_LINE_BYTES + " bytes");
    }
    if (longer > line.length) {
      line = Arrays.copyOf(line, Math.max(longer, 2 * line.length));
    }
    System.arraycopy(chunk, from, line, length, to - from);
    length = longer;
  }

  private String decoded() throws TextFileException {
    number++;
    int bytes = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
    String text;
    try {
      text = decoder.decode(ByteBuffer.wrap(line, 0, bytes)).toString();
    } catch (CharacterCodingException e) {
      TextFileException malformed = TextFileException.at(name, number, "not valid UTF-8");
      malformed.initCause(e);
      throw malformed;
    }
    boolean marked = number == 1 && !text.isEmpty() && text.charAt(0) == BOM;
    text = marked ? text.substring(1) : text;
    blank = blank && text.isBlank();
    return text;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
