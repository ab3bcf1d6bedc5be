package org.adaptivesoftmax.text;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.adaptivesoftmax.internal.io.OptionalLibrary;

/**
 * The text of a file, whether it is plain or compressed by gzip or Zstandard, which its first bytes tell. Zstandard needs
 * {@link OptionalLibrary#ZSTD}.
 */
final class CompressedText {
  private static final int BUFFER = 1 << 16;
  private static final byte[] GZIP = {0x1f, (byte) 0x8b};
  private static final byte[] ZSTD = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};

  private CompressedText() {}

  /**
   * Opens a file. Reading fails with a {@link TextFileException} that names it if what it holds is damaged or cut off.
   *
   * @throws IllegalStateException if it needs a library that is missing
   */
  static InputStream open(Path file) throws IOException {
    InputStream raw = new BufferedInputStream(Files.newInputStream(file), BUFFER);
    try {
      return text(raw, file);
    } catch (Throwable failure) {
      raw.close();
      throw failure;
    }
  }

  private static InputStream text(InputStream raw, Path file) throws IOException {
    raw.mark(ZSTD.length);
    byte[] start = raw.readNBytes(ZSTD.length);
    raw.reset();
    if (startsWith(start, GZIP)) {
      try {
        return new Named(new GZIPInputStream(raw, BUFFER), file, "gzip");
      } catch (IOException e) {
        throw Named.damaged(file, "gzip", e);
      }
    }
    if (startsWith(start, ZSTD)) {
      OptionalLibrary.ZSTD.require("reading " + file.getFileName());
      return new Named(ZstdText.open(raw), file, "zstd");
    }
    return raw;
  }

  private static boolean startsWith(byte[] bytes, byte[] magic) {
    return bytes.length >= magic.length
        && Arrays.equals(bytes, 0, magic.length, magic, 0, magic.length);
  }

  /** Names the file in what goes wrong. */
  private static final class Named extends FilterInputStream {
    private final Path file;
    private final String form;

    Named(InputStream in, Path file, String form) {
      super(in);
      this.file = file;
      this.form = form;
    }

    @Override
    public int read() throws IOException {
      try {
        return super.read();
      } catch (IOException e) {
        throw damaged(file, form, e);
      }
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      try {
        return super.read(bytes, offset, length);
      } catch (IOException e) {
        throw damaged(file, form, e);
      }
    }

    static TextFileException damaged(Path file, String form, IOException cause) {
      TextFileException damaged =
          new TextFileException(
              "%s: damaged or incomplete %s: %s".formatted(file, form, cause.getMessage()));
      damaged.initCause(cause);
      return damaged;
    }
  }
}
