package org.adaptivesoftmax.savedmodel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.internal.io.Sha256;

/**
 * Tells a version's weights from others, and whole files from damaged ones: the SHA-256 of each file in {@code variables},
 * in the form that {@code sha256sum -c assets.extra/weights.sha256} checks from within the version's directory. The
 * fingerprint is the SHA-256 of that list. The same weights have the same fingerprint.
 */
final class WeightsFingerprint {
  /** Below the version's directory. */
  static final Path FILE = Path.of("assets.extra", "weights.sha256");

  private static final String VARIABLES = "variables";
  private static final String SEPARATOR = "  ";

  private WeightsFingerprint() {}

  /** Writes the list and gives the fingerprint. */
  static String write(Path version) throws IOException {
    StringBuilder list = new StringBuilder();
    sums(version)
        .forEach((file, sum) -> list.append(sum).append(SEPARATOR).append(file).append('\n'));
    Path file = version.resolve(FILE);
    Files.createDirectories(file.getParent());
    Files.writeString(file, list);
    return of(version);
  }

  /** The fingerprint that stands in a version. */
  static String of(Path version) throws IOException {
    return Sha256.of(version.resolve(FILE));
  }

  /**
   * Holds the files against the list.
   *
   * @throws IllegalArgumentException if they differ
   */
  static void check(Path version) throws IOException {
    Map<String, String> recorded = new TreeMap<>();
    for (String line : Files.readAllLines(version.resolve(FILE), StandardCharsets.ISO_8859_1)) {
      String[] parts = line.split(SEPARATOR, 2);
      Require.argument(
          parts.length == 2, "%s is no list of SHA-256 sums: %s", version.resolve(FILE), line);
      recorded.put(parts[1], parts[0]);
    }
    Map<String, String> actual = sums(version);
    for (Map.Entry<String, String> entry : recorded.entrySet()) {
      Path file = version.resolve(entry.getKey());
      String sum = actual.get(entry.getKey());
      if (sum == null) {
        throw new IllegalArgumentException("weights are missing: " + file);
      }
      Require.argument(
          entry.getValue().equals(sum),
          "weights do not fit their fingerprint: %s has SHA-256 %s, not %s",
          file,
          sum,
          entry.getValue());
    }
    actual.keySet().removeAll(recorded.keySet());
    Require.argument(actual.isEmpty(), "weights are not in the fingerprint: %s", actual.keySet());
  }

  private static Map<String, String> sums(Path version) throws IOException {
    Map<String, String> sums = new TreeMap<>();
    Path variables = version.resolve(VARIABLES);
    if (Files.isDirectory(variables)) {
      try (Stream<Path> files = Files.list(variables)) {
        for (Path file : files.toList()) {
          sums.put(VARIABLES + "/" + file.getFileName(), Sha256.of(file));
        }
      }
    }
    return sums;
  }
}
