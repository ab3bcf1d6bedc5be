package org.adaptivesoftmax.internal.io;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.EnumSet;
import java.util.Map;
import java.util.TreeMap;

/**
 * How the files below a directory are at a moment. Equal to another look at them unless one has been written meanwhile.
 *
 * @param files by their paths
 */
public record FileStates(Map<Path, State> files) {
  /** A file's size and the time of its last change. */
  public record State(long bytes, FileTime changed) {}

  /** Looks at the files below a directory, which may be a symbolic link, as may what is in it. */
  public static FileStates of(Path directory) throws IOException {
    Map<Path, State> files = new TreeMap<>();
    Files.walkFileTree(
        directory,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        Integer.MAX_VALUE,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            files.put(file, new State(attributes.size(), attributes.lastModifiedTime()));
            return FileVisitResult.CONTINUE;
          }

          /** A link to a directory above, or what went meanwhile. */
          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE;
          }
        });
    return new FileStates(files);
  }
}
