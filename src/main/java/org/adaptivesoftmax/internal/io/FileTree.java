package org.adaptivesoftmax.internal.io;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A directory with all that lies in it, as one thing: forced to disk, measured or deleted. */
public final class FileTree {
  private FileTree() {}

  /** Forces every file and directory of the tree to disk. */
  public static void force(Path root) throws IOException {
    for (Path path : contentsFirst(root)) {
      if (Files.isDirectory(path)) {
        forceDirectory(path);
      } else {
        force(path, StandardOpenOption.WRITE);
      }
    }
  }

  /** Forces the entries of a directory to disk: that its files exist, under these names. */
  public static void forceDirectory(Path directory) throws IOException {
    if (File.separatorChar == '/') { // Windows cannot open a directory, and has no need to
      force(directory, StandardOpenOption.READ);
    }
  }

  private static void force(Path path, StandardOpenOption access) throws IOException {
    try (FileChannel channel = FileChannel.open(path, access)) {
      channel.force(true);
    }
  }

  /** Deletes the tree; one that does not exist is no error. */
  public static void delete(Path root) throws IOException {
    if (Files.exists(root)) {
      for (Path path : contentsFirst(root)) {
        Files.delete(path);
      }
    }
  }

  /** The sizes of all files in the tree, in bytes. */
  public static long bytes(Path root) throws IOException {
    long bytes = 0;
    for (Path path : contentsFirst(root)) {
      bytes += Files.isRegularFile(path) ? Files.size(path) : 0;
    }
    return bytes;
  }

  private static List<Path> contentsFirst(Path root) throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      return paths.sorted(Comparator.reverseOrder()).toList();
    }
  }
}
