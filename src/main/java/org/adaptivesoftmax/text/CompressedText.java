package org.adaptivesoftmax.text;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.adaptivesoftmax.internal.io.OptionalLibrary;

/**
 * The text of a stream, whether it is plain or compressed by gzip or Zstandard, which its first bytes tell. Zstandard needs
 * {@link OptionalLibrary#ZSTD}.
 */
final class CompressedText {
  private static final int BUFFER = 1 << 16;
  private static final byte[] GZIP = {0x1f, (byte) 0x8b};
  private static final byte[] ZSTD = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};

  private CompressedText() {}

  /**
   * The text of a stream. Reading fails with a {@link TextFileException} that names it if what it holds is damaged or cut
   * off.
   *
   * @param in closed with the text, and also if this fails
   * @throws IllegalStateException if it needs a library that is missing
   */
  static InputStream open(InputStream in, String name) throws IOException {
    InputStream raw = new BufferedInputStream(in, BUFFER);
    try {
      return text(raw, name);
    } catch (Throwable failure) {
      raw.close();
      throw failure;
    }
  }

  /** Whether a stream that begins so is compressed. */
  static boolean isCompressed(byte[] start) {
    return startsWith(start, GZIP) || startsWith(start, ZSTD);
  }

  private static InputStream text(InputStream raw, String name) throws IOException {
    raw.mark(ZSTD.length);
    byte[] start = raw.readNBytes(ZSTD.length);
    raw.reset();
    if (startsWith(start, GZIP)) {
      try {
        return new Named(new GZIPInputStream(raw, BUFFER), name, "gzip");
      } catch (IOException e) {
        throw Named.damaged(name, "gzip", e);
      }
    }
    if (startsWith(start, ZSTD)) {
      OptionalLibrary.ZSTD.require("text compressed by zstd");
      return new Named(ZstdText.open(raw), name, "zstd");
    }
    return raw;
  }

  private static boolean startsWith(byte[] bytes, byte[] magic) {
    return bytes.length >= magic.length
        && Arrays.equals(bytes, 0, magic.length, magic, 0, magic.length);
  }

  /** Names the stream in what goes wrong. */
  private static final class Named extends FilterInputStream {
    private final String name;
    private final String form;

    Named(InputStream in, String name, String form) {
      super(in);
      this.name = name;
      this.form = form;
    }

    @Override
    public int read() throws IOException {
      try {
        return super.read();
      } catch (IOException e) {
        throw damaged(name, form, e);
      }
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      try {
        return super.read(bytes, offset, length);
      } catch (IOException e) {
        throw damaged(name, form, e);
      }
    }

    static TextFileException damaged(String name, String form, IOException cause) {
      TextFileException damaged =
          new TextFileException(
              "%s: damaged or incomplete %s: %s".formatted(name, form, cause.getMessage()));
      damaged.initCause(cause);
      return damaged;
    }
  }
}
