package org.adaptivesoftmax.spark;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * The lines of a stream that begin in a range of its bytes, so that ranges side by side give every line once. A line ends in
 * LF.
 */
final class LineRange extends FilterInputStream {
  /** Bytes of the range that are left; none once the last line of the range is being read beyond it. */
  private long left;

  private boolean ended;
  private boolean lineEnded = true;

  /**
   * @param in at the range's first byte, or, unless that is the file's first, at the byte before it
   * @param bytes of the range
   * @param first whether the range begins with the file
   */
  LineRange(InputStream in, long bytes, boolean first) throws IOException {
    super(in);
    left = bytes;
    if (!first) {
      skipLine();
    }
  }

  /** Leaves out what is left of a line that begins before the range: nothing, if the byte before ends one. */
  private void skipLine() throws IOException {
    int next = in.read();
    while (next >= 0 && next != '\n') {
      next = in.read();
      left--;
    }
    ended = next < 0;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (length == 0) {
      return 0;
    }
    if (ended || (left <= 0 && lineEnded)) {
      return -1;
    }
    return left > 0 ? readInside(bytes, offset, length) : readBeyond(bytes, offset, length);
  }

  private int readInside(byte[] bytes, int offset, int length) throws IOException {
    int read = in.read(bytes, offset, (int) Math.min(length, left));
    if (read < 0) {
      ended = true;
      return -1;
    }
    left -= read;
    lineEnded = bytes[offset + read - 1] == '\n';
    return read;
  }

  private int readBeyond(byte[] bytes, int offset, int length) throws IOException {
    int read = 0;
    while (read < length && !ended) {
      int next = in.read();
      if (next >= 0) {
        bytes[offset + read++] = (byte) next;
      }
      ended = next < 0 || next == '\n';
    }
    return read == 0 ? -1 : read;
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
