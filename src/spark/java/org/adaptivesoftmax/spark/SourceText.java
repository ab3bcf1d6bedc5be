package org.adaptivesoftmax.spark;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.net.URI;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.adaptivesoftmax.internal.io.Sha256;
import org.adaptivesoftmax.text.TextFileException;
import org.adaptivesoftmax.text.TextLines;
import org.adaptivesoftmax.text.TextSource;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/**
 * A file to count, wherever Hadoop finds it.
 *
 * @param name for errors
 * @param uri of the file
 * @param bytes of the file
 * @param form what its first bytes tell
 */
record SourceText(String name, URI uri, long bytes, Form form) implements Serializable {
  private static final byte[] PARQUET = {'P', 'A', 'R', '1'};

  /** What a file holds. */
  enum Form {
    PLAIN,
    COMPRESSED,
    PARQUET
  }

  /**
   * Lines that one task reads.
   *
   * @param text the file
   * @param from the first byte of the range in which they begin
   * @param to the byte after the range
   */
  record Piece(SourceText text, long from, long to) implements Serializable {
    TextLines open(Configuration hadoop) throws IOException {
      if (text.form != Form.PLAIN) {
        return text.lines(hadoop);
      }
      FSDataInputStream file = text.open(hadoop);
      try {
        // The byte before tells whether a line begins with the range.
        file.seek(Math.max(0, from - 1));
        InputStream in = new BufferedInputStream(file, BUFFER);
        return TextLines.ofPlain(new LineRange(in, to - from, from == 0), text.name);
      } catch (Throwable failure) {
        file.close();
        throw failure;
      }
    }
  }

  private static final int BUFFER = 1 << 16;

  static SourceText of(String name, URI uri, Configuration hadoop) throws IOException {
    Path path = new Path(uri);
    long bytes = path.getFileSystem(hadoop).getFileStatus(path).getLen();
    byte[] start;
    try (InputStream in = path.getFileSystem(hadoop).open(path)) {
      start = in.readNBytes(PARQUET.length);
    }
    Form plain = TextLines.isCompressed(start) ? Form.COMPRESSED : Form.PLAIN;
    return new SourceText(name, uri, bytes, Arrays.equals(start, PARQUET) ? Form.PARQUET : plain);
  }

  /** Ranges of about that many bytes; one, if the file cannot be read from within. */
  List<Piece> pieces(long about) {
    if (form != Form.PLAIN) {
      return List.of(new Piece(this, 0, bytes));
    }
    List<Piece> pieces = new ArrayList<>();
    for (long from = 0; from < bytes; from += about) {
      pieces.add(new Piece(this, from, Math.min(bytes, from + about)));
    }
    return pieces;
  }

  /**
   * Fails as counting on one machine would, with the number of the first line that is malformed, or because no line holds
   * anything: a range of a file knows neither.
   */
  void requireText(Configuration hadoop) throws IOException {
    try (TextLines lines = lines(hadoop)) {
      while (lines.next() != null) {
        // Only whether it can be read is asked.
      }
      lines.requireText();
    }
  }

  /** What is known of a file that a task has read through. */
  record Content(long bytes, String sha256) implements Serializable {}

  TextSource source(Content content) {
    return new TextSource(new Path(uri).getName(), content.bytes, content.sha256);
  }

  Content content(Configuration hadoop) throws IOException {
    MessageDigest digest = Sha256.digest();
    byte[] buffer = new byte[BUFFER];
    long size = 0;
    try (InputStream in = open(hadoop)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
        size += read;
      }
    }
    return new Content(size, HexFormat.of().formatHex(digest.digest()));
  }

  /** What is wrong with it. */
  TextFileException failure(String problem) {
    return new TextFileException(name + ": " + problem);
  }

  private TextLines lines(Configuration hadoop) throws IOException {
    return TextLines.open(open(hadoop), name);
  }

  private FSDataInputStream open(Configuration hadoop) throws IOException {
    Path path = new Path(uri);
    return path.getFileSystem(hadoop).open(path);
  }
}
