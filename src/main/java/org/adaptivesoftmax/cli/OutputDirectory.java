package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Objects;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.savedmodel.ModelDirectory;

/** Where a command writes: whether that can be done is known before hours of work, not after them. */
public final class OutputDirectory {
  private static final String TRIED = ".adaptive-softmax-";

  private OutputDirectory() {}

  /**
   * A directory that a model becomes the next version of.
   *
   * @throws IllegalArgumentException if it is a file, lies below one, or cannot be written
   * @throws AccessDeniedException if this user may not write it
   */
  static ModelDirectory ofModel(Path directory) throws IOException {
    ModelDirectory model = new ModelDirectory(directory);
    model.requireNoFile();
    requireWritable(directory, existing(directory));
    return model;
  }

  /**
   * A directory that files are written to. It need not exist.
   *
   * @throws IllegalArgumentException if it is a file, lies below one, or cannot be written
   * @throws AccessDeniedException if this user may not write it
   */
  public static Path of(Path directory) throws IOException {
    Path existing = existing(directory);
    Require.argument(
        Files.isDirectory(existing),
        existing.equals(directory.toAbsolutePath()) ? "is a file: %s" : "lies below a file: %s",
        directory);
    requireWritable(directory, existing);
    return directory;
  }

  /**
   * A file that is written in the end, or replaced. Its directory need not exist.
   *
   * @throws IllegalArgumentException if it is a directory, lies below a file, or cannot be written
   * @throws AccessDeniedException if this user may not write it
   */
  static Path ofFile(Path file) throws IOException {
    Require.argument(!Files.isDirectory(file), "is a directory: %s", file);
    of(Objects.requireNonNull(file.toAbsolutePath().getParent()));
    return file;
  }

  private static Path existing(Path directory) {
    Path existing = directory.toAbsolutePath();
    // A root exists: whatever does not exist has a parent.
    while (!Files.exists(existing)) {
      existing = Objects.requireNonNull(existing.getParent());
    }
    return existing;
  }

  /** Tries it: a file system may be read-only, whatever its permissions say. */
  private static void requireWritable(Path directory, Path existing) throws IOException {
    try {
      Path tried = Files.createTempDirectory(existing, TRIED);
      deleteTried(existing);
      Files.deleteIfExists(tried);
    } catch (AccessDeniedException e) {
      throw new AccessDeniedException(directory.toString());
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "cannot be written: %s: %s".formatted(directory, FailureReport.message(e)), e);
    }
  }

  /** A process that was killed between the two steps has left an empty directory. */
  private static void deleteTried(Path existing) {
    try (DirectoryStream<Path> tried = Files.newDirectoryStream(existing, TRIED + "*")) {
      for (Path directory : tried) {
        if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
          Files.deleteIfExists(directory); // Fails if anything is in it.
        }
      }
    } catch (IOException e) {
      // What cannot be cleaned up does not disturb.
    }
  }
}
