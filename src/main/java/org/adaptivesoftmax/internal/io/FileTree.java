package org.adaptivesoftmax.internal.io;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
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

  /** The directory and those above it that do not exist, innermost first. */
  static List<Path> missing(Path directory) {
    List<Path> missing = new ArrayList<>();
    Path path = directory.toAbsolutePath();
    while (!Files.exists(path)) {
      missing.add(path);
      path = Objects.requireNonNull(path.getParent(), "a root exists");
    }
    return missing;
  }

  /** Creates a directory and those above it that are missing, and forces to disk that they exist. */
  public static void createDirectories(Path directory) throws IOException {
    List<Path> missing = missing(directory);
    Files.createDirectories(directory);
    for (Path created : missing) {
      forceEntry(created);
    }
  }

  /** Deletes directories, innermost first, up to one that something is in. */
  static void deleteIfEmpty(List<Path> directories) throws IOException {
    for (Path directory : directories) {
      try {
        Files.deleteIfExists(directory);
      } catch (DirectoryNotEmptyException e) { // somebody else uses it by now
        return;
      }
    }
  }

  /** Forces to disk that a file or directory stands where it stands. */
  public static void forceEntry(Path path) throws IOException {
    forceDirectory(Objects.requireNonNull(path.toAbsolutePath().getParent(), "no directory above"));
  }

  /**
   * Gives a tree its place at once: forces it to disk and renames it. A tree that stood there before is deleted first.
   *
   * @param from on the same file system
   */
  public static void moveTo(Path from, Path place) throws IOException {
    force(from);
    delete(place);
    Files.move(from, place, StandardCopyOption.ATOMIC_MOVE);
    forceEntry(place);
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

  /**
   * Checks what is to be read: a pipe or a device may never end, and a file may be larger than there is memory for.
   *
   * @param maxBytes of the file
   * @return the file
   * @throws IllegalArgumentException if it is no regular file, or larger
   * @throws java.nio.file.NoSuchFileException if there is none
   */
  public static Path requireRegular(Path file, long maxBytes) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    Require.argument(attributes.isRegularFile(), "not a regular file: %s", file);
    Require.argument(
        attributes.size() <= maxBytes,
        "file has %d bytes, more than %d: %s",
        attributes.size(),
        maxBytes,
        file);
    return file;
  }

  /** The sizes of all files in the tree, in bytes. */
  public static long bytes(Path root) throws IOException {
    return sizes(root).values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * The size of each file in the tree, in bytes, by its path below the root, with {@code /} between names. Symbolic links are
   * followed.
   *
   * @throws IllegalArgumentException if something in it is neither a file nor a directory
   */
  public static SortedMap<String, Long> sizes(Path root) throws IOException {
    SortedMap<String, Long> sizes = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
      for (Path path : paths.filter(path -> !Files.isDirectory(path)).toList()) {
        requireRegular(path, Long.MAX_VALUE);
        sizes.put(
            root.relativize(path).toString().replace(File.separatorChar, '/'), Files.size(path));
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return sizes;
  }

  private static List<Path> contentsFirst(Path root) throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      return paths.sorted(Comparator.reverseOrder()).toList();
    }
  }
}
