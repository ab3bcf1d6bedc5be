package org.adaptivesoftmax.local;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TreeMap;

/**
 * How the files of a version are at a moment. Equal to another look at them unless one has been written meanwhile.
 *
 * @param files by their paths
 */
record VersionFiles(Map<Path, State> files) {
  /** A file's size and the time of its last change. */
  private record State(long bytes, FileTime changed) {}

  static VersionFiles of(Path version) throws IOException {
    Map<Path, State> files = new TreeMap<>();
    Files.walkFileTree(
        version,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            files.put(file, new State(attributes.size(), attributes.lastModifiedTime()));
            return FileVisitResult.CONTINUE;
          }
        });
    return new VersionFiles(files);
  }
}
