package org.adaptivesoftmax.savedmodel;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Tells a version from others, and whole files from damaged ones, by two lists of SHA-256 sums that {@code sha256sum -c
 * assets.extra/*.sha256} checks from within the version's directory: that of the weights, and that of every other file, the
 * first list included. A fingerprint is the SHA-256 of a list: the same weights have the same one. Both are there to find
 * damage, not deceit: who can change a file can change a list.
 */
final class Fingerprint {
  private static final String VARIABLES = "variables/";
  private static final String FILES_LIST = "assets.extra/files.sha256";

  /** Of the weights alone. */
  static final FileSums WEIGHTS =
      new FileSums(
          Path.of("assets.extra", "weights.sha256"), file -> file.startsWith(VARIABLES), "weights");

  /** Of all other files. Versions of earlier releases have none. */
  static final FileSums FILES =
      new FileSums(
          Path.of("assets.extra", "files.sha256"),
          file -> !file.startsWith(VARIABLES) && !file.equals(FILES_LIST),
          "files");

  private Fingerprint() {}

  /** The fingerprint that stands in a version, if one does. */
  static @Nullable String of(Path version, FileSums files) throws IOException {
    return files.isIn(version) ? files.of(version) : null;
  }

  /**
   * Holds a version against the lists that it has.
   *
   * @throws IllegalArgumentException if a file differs, is missing, or is in no list
   */
  static void check(Path version) throws IOException {
    for (FileSums files : new FileSums[] {WEIGHTS, FILES}) {
      if (files.isIn(version)) {
        files.check(version);
      }
    }
  }
}
