package org.adaptivesoftmax.savedmodel;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.text.CountsAbout;

/**
 * The counts that a version's vocabulary was made from, which travel with it in {@code assets.extra/counts}: {@code
 * counts.int64.gz}, the count of each entry by rank, int64, little-endian, compressed by gzip; and {@code about.json}, as a
 * counts directory has it. Reading and writing them needs Jackson ({@code jackson-databind}), an optional dependency of this
 * library.
 */
public final class PublishedCounts {
  /** Below the version's directory; servers ignore {@code assets.extra}. */
  static final Path DIRECTORY = Path.of("assets.extra", "counts");

  private static final String COUNTS = "counts.int64.gz";
  private static final String ABOUT = "about.json";
  private static final int CHUNK = 1 << 13;

  /** Of 33 million entries: a compressed file may stand for a thousand times its size. */
  private static final int MAX_BYTES = 1 << 28;

  private final long[] byRank;
  private final CountsAbout about;

  /**
   * Counts of a vocabulary.
   *
   * @param byRank the count of each entry
   * @param about the text that they are of; totals are its own, without what a vocabulary adds
   */
  public PublishedCounts(long[] byRank, CountsAbout about) {
    this.byRank = byRank.clone();
    this.about = about;
  }

  /**
   * Reads the counts of a version.
   *
   * @param version its directory
   * @return empty if it has none
   * @throws IllegalArgumentException if they are damaged
   * @throws IOException if they cannot be read
   */
  public static Optional<PublishedCounts> read(Path version) throws IOException {
    Path directory = version.resolve(DIRECTORY);
    Path file = directory.resolve(COUNTS);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    byte[] bytes;
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    } catch (ZipException | EOFException e) {
      throw new IllegalArgumentException(
          "counts are damaged: %s: %s".formatted(file, e.getMessage()), e);
    }
    Require.argument(
        bytes.length <= MAX_BYTES, "counts have more than %d bytes: %s", MAX_BYTES, file);
    Require.argument(
        bytes.length % Long.BYTES == 0, "counts are no int64: %s has %d bytes", file, bytes.length);
    long[] byRank = new long[bytes.length / Long.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(byRank);
    return Optional.of(new PublishedCounts(byRank, CountsAbout.read(directory.resolve(ABOUT))));
  }

  void write(Path version) throws IOException {
    Path directory = Files.createDirectories(version.resolve(DIRECTORY));
    about.write(directory.resolve(ABOUT));
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(directory.resolve(COUNTS)))) {
      for (int start = 0; start < byRank.length; start += CHUNK) {
        int length = Math.min(CHUNK, byRank.length - start);
        chunk.clear().asLongBuffer().put(byRank, start, length);
        out.write(chunk.array(), 0, length * Long.BYTES);
      }
    }
  }

  /** {@return a copy of the counts by rank} */
  public long[] byRank() {
    return byRank.clone();
  }

  /** {@return the text that they are of} */
  public CountsAbout about() {
    return about;
  }
}
