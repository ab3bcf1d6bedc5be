package org.adaptivesoftmax.internal.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A file that a model was made from or goes with, as its provenance names it.
 *
 * @param name the file's name, without its directory
 * @param bytes its size
 * @param sha256 its SHA-256 in hexadecimal
 */
public record SourceFile(String name, long bytes, String sha256) {
  /**
   * Reads a file through, whatever its size.
   *
   * @param file to describe
   * @return its description
   * @throws IOException if the file cannot be read
   */
  public static SourceFile of(Path file) throws IOException {
    return new SourceFile(file.getFileName().toString(), Files.size(file), Sha256.of(file));
  }

  /** The same as a JSON object. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", name);
    map.put("bytes", bytes);
    map.put("sha256", sha256);
    return map;
  }
}
