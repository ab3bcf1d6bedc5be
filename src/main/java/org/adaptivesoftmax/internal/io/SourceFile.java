package org.adaptivesoftmax.internal.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A file that a model was made from, as its provenance tells it.
 *
 * @param name the file's name, without its directory
 * @param bytes its size
 * @param sha256 its SHA-256 in hexadecimal
 */
public record SourceFile(String name, long bytes, String sha256) {
  private static final int READ_BYTES = 1 << 20;

  /**
   * Reads a file through, whatever its size.
   *
   * @param file to describe
   * @return its description
   * @throws IOException if the file cannot be read
   */
  public static SourceFile of(Path file) throws IOException {
    MessageDigest digest = newDigest();
    long bytes = 0;
    byte[] buffer = new byte[READ_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        digest.update(buffer, 0, count);
        bytes += count;
      }
    }
    return new SourceFile(
        file.getFileName().toString(), bytes, HexFormat.of().formatHex(digest.digest()));
  }

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
