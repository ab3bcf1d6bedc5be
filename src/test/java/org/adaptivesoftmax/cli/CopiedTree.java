package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A copy of a directory, for a test to damage. */
final class CopiedTree {
  private CopiedTree() {}

  /** Copies a directory with all that is in it to a place where nothing is. */
  static Path of(Path original, Path place) throws IOException {
    try (Stream<Path> files = Files.walk(original)) {
      for (Path file : files.toList()) {
        Files.copy(file, place.resolve(original.relativize(file).toString()));
      }
    }
    return place;
  }
}
