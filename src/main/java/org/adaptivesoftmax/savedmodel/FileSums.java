package org.adaptivesoftmax.savedmodel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.adaptivesoftmax.internal.io.FileTree;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.internal.io.Sha256;

/**
 * The SHA-256 of some files of a version, in the form that {@code sha256sum -c} checks from within the version's directory.
 *
 * @param list the file of the sums, below the version's directory
 * @param files which files are in it, by their paths within the version
 * @param what they are, for errors, in the plural
 */
record FileSums(Path list, Predicate<String> files, String what) {
  /** A list of a few files is a few kilobytes. */
  private static final long MAX_BYTES = 1 << 24;

  private static final String SEPARATOR = "  ";

  boolean isIn(Path version) {
    return Files.exists(version.resolve(list));
  }

  /** Writes the list and gives its own SHA-256. */
  String write(Path version) throws IOException {
    StringBuilder lines = new StringBuilder();
    sums(version)
        .forEach((file, sum) -> lines.append(sum).append(SEPARATOR).append(file).append('\n'));
    Path file = version.resolve(list);
    Files.createDirectories(file.getParent());
    Files.writeString(file, lines);
    return of(version);
  }

  /** The SHA-256 of the list. */
  String of(Path version) throws IOException {
    return Sha256.of(FileTree.requireRegular(version.resolve(list), MAX_BYTES));
  }

  /**
   * Holds the files against the list.
   *
   * @throws IllegalArgumentException if they differ
   */
  void check(Path version) throws IOException {
    Map<String, String> recorded = recorded(version);
    Map<String, String> actual = sums(version);
    for (Map.Entry<String, String> entry : recorded.entrySet()) {
      Path file = version.resolve(entry.getKey());
      String sum = actual.get(entry.getKey());
      if (sum == null) {
        throw new IllegalArgumentException(what + " are missing: " + file);
      }
      Require.argument(
          entry.getValue().equals(sum),
          "%s do not fit their fingerprint: %s has SHA-256 %s, not %s",
          what,
          file,
          sum,
          entry.getValue());
    }
    actual.keySet().removeAll(recorded.keySet());
    Require.argument(actual.isEmpty(), "%s are not in the fingerprint: %s", what, actual.keySet());
  }

  private Map<String, String> recorded(Path version) throws IOException {
    Path file = FileTree.requireRegular(version.resolve(list), MAX_BYTES);
    Map<String, String> recorded = new TreeMap<>();
    for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
      String[] parts = line.split(SEPARATOR, 2);
      Require.argument(parts.length == 2, "%s is no list of SHA-256 sums: %s", file, line);
      recorded.put(parts[1], parts[0]);
    }
    return recorded;
  }

  private Map<String, String> sums(Path version) throws IOException {
    Map<String, String> sums = new TreeMap<>();
    for (String name : FileTree.sizes(version).keySet()) {
      if (files.test(name)) {
        sums.put(name, Sha256.of(version.resolve(name)));
      }
    }
    return sums;
  }
}
