package org.adaptivesoftmax.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.adaptivesoftmax.text.TextLines;
import org.adaptivesoftmax.text.Tokenizer;

/** The tokens of lines, and after those of a line a mark of its file, so that documents are counted as tokens are. */
final class LineTokens implements Iterator<String> {
  /** No token holds a tab. */
  static final String MARK = "\t";

  private final TextLines lines;
  private final int file;
  private Iterator<String> line = Collections.emptyIterator();
  private boolean ended;

  /**
   * @param lines closed after the last one
   * @param file its number
   */
  LineTokens(TextLines lines, int file) {
    this.lines = lines;
    this.file = file;
  }

  /** The tokens of one line, and the mark if there are any. */
  static Iterator<String> of(String line, int file) {
    List<String> tokens = new ArrayList<>(Tokenizer.words(line));
    if (!tokens.isEmpty()) {
      tokens.add(MARK + file);
    }
    return tokens.iterator();
  }

  /** The number of the file that a mark is of. */
  static int file(String mark) {
    return Integer.parseInt(mark.substring(MARK.length()));
  }

  @Override
  public boolean hasNext() {
    while (!line.hasNext() && !ended) {
      advance();
    }
    return line.hasNext();
  }

  private void advance() {
    try {
      String next = lines.next();
      if (next == null) {
        ended = true;
        lines.close();
      } else {
        line = of(next, file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String next() {
    if (!hasNext()) {
      throw new NoSuchElementException("no token is left");
    }
    return line.next();
  }
}
