package org.adaptivesoftmax.savedmodel;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.adaptivesoftmax.internal.io.FileTree;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.internal.io.UnfinishedDirectory;

/**
 * A model's base directory, as TensorFlow Serving knows it: each subdirectory with an integer name is a version, the
 * highest is served, other names are ignored. Versions appear at once and complete, or not at all.
 *
 * @param base the directory that holds the versions; only {@link #publish} creates it
 */
public record ModelDirectory(Path base) {
  /** The file that makes a directory a SavedModel. */
  /** Below a version of a language model: its words by rank. */
  public static final Path VOCABULARY = Path.of("assets", "vocabulary.txt");

  static final String SAVED_MODEL = "saved_model.pb";

  /** Writes the contents of a version. */
  @FunctionalInterface
  public interface VersionWriter {
    /**
     * Writes into an empty directory.
     *
     * @param directory where to write
     * @throws IOException if writing fails; the version is then abandoned
     */
    void writeTo(Path directory) throws IOException;
  }

  /**
   * Finds the version that a server would serve.
   *
   * @return the directory of the highest version
   * @throws IllegalArgumentException if the base directory does not exist, has no version, or its highest version is
   *     no SavedModel
   * @throws IOException if the directory cannot be read
   */
  public Path highestVersion() throws IOException {
    Path path = highestDirectory();
    Require.argument(
        Files.exists(path.resolve(SAVED_MODEL)), "model version has no saved_model.pb: %s", path);
    return path;
  }

  /**
   * Finds the highest version, which may be half copied or broken.
   *
   * @return its directory
   * @throws IllegalArgumentException if the base directory does not exist, or has no version
   * @throws IOException if the directory cannot be read
   */
  public Path highestDirectory() throws IOException {
    Require.argument(Files.isDirectory(base), "no such model directory: %s", base);
    Optional<Version> highest =
        versions().stream()
            .filter(version -> Files.isDirectory(version.path()))
            .max(Comparator.comparingLong(Version::number));
    Require.argument(
        highest.isPresent(),
        "%s",
        Files.exists(base.resolve(SAVED_MODEL))
            ? "model directory must be the one above the version: " + base
            : "model directory has no version, a subdirectory with an integer name: " + base);
    return highest.orElseThrow().path();
  }

  /**
   * Lists the versions.
   *
   * @return the numbers of the version directories, in increasing order
   * @throws IOException if the directory cannot be read
   */
  public List<Long> versionNumbers() throws IOException {
    return versions().stream()
        .filter(version -> Files.isDirectory(version.path()))
        .map(Version::number)
        .sorted()
        .toList();
  }

  /**
   * The version that a directory means: itself, if it holds a SavedModel, else the highest of its versions.
   *
   * @param directory of a version or of a model
   * @return the directory of the version
   * @throws IllegalArgumentException as {@link #highestVersion}
   * @throws IOException if it cannot be read
   */
  public static Path version(Path directory) throws IOException {
    return Files.exists(directory.resolve(SAVED_MODEL))
        ? directory
        : new ModelDirectory(directory).highestVersion();
  }

  /**
   * Publishes the next version: the writer fills a directory beside the versions, whose files are then forced to disk,
   * and a rename makes it the version after the highest. Several threads and processes may publish at once; each gets a
   * version of its own. After a failure nothing is left, the base directory included if it did not exist. After a crash
   * of the machine or process a directory {@code .unfinished-*} may be, which model servers ignore and the next to publish
   * deletes. When this has returned, the version is there after a power loss, too: its files and its name were forced to disk.
   *
   * @param writer fills the directory that becomes the version
   * @return the directory of the new version
   * @throws IllegalArgumentException if the base directory is a file, or lies below one
   * @throws IOException if writing fails
   */
  public Path publish(VersionWriter writer) throws IOException {
    requireNoFile();
    try (UnfinishedDirectory unfinished = UnfinishedDirectory.create(base)) {
      writer.writeTo(unfinished.directory());
      FileTree.force(unfinished.directory());
      Path version = renameToNextVersion(unfinished.directory());
      try {
        FileTree.forceDirectory(base);
      } catch (IOException e) {
        Files.move(version, unfinished.directory(), StandardCopyOption.ATOMIC_MOVE);
        throw e;
      }
      return version;
    }
  }

  /**
   * Checks what can be known before a version is made.
   *
   * @throws IllegalArgumentException if the base directory is a file, or lies below one
   */
  public void requireNoFile() {
    Path existing = base.toAbsolutePath();
    while (!Files.exists(existing)) {
      existing = parent(existing);
    }
    Require.argument(
        Files.isDirectory(existing),
        "%s",
        existing.equals(base.toAbsolutePath())
            ? "model directory is a file: " + base
            : "model directory %s lies below a file: %s".formatted(base, existing));
  }

  private Path renameToNextVersion(Path unfinished) throws IOException {
    while (true) {
      long highest = versions().stream().mapToLong(Version::number).max().orElse(0);
      Require.argument(highest < Long.MAX_VALUE, "no version can be above %d: %s", highest, base);
      Path next = base.resolve(Long.toString(highest + 1));
      try {
        // Fails if the version exists by now: a rename replaces no directory that has contents.
        return Files.move(unfinished, next, StandardCopyOption.ATOMIC_MOVE);
      } catch (FileSystemException e) {
        if (!Files.exists(next, LinkOption.NOFOLLOW_LINKS)) {
          throw e;
        }
      }
    }
  }

  private static Path parent(Path path) {
    return Objects.requireNonNull(path.getParent(), "no directory above " + path);
  }

  private List<Version> versions() throws IOException {
    try (Stream<Path> paths = Files.list(base)) {
      return paths.flatMap(path -> Version.of(path).stream()).toList();
    }
  }

  private record Version(long number, Path path) {
    /** As the server reads names: decimal digits that a signed 64-bit integer holds. */
    static Optional<Version> of(Path path) {
      String name = path.getFileName().toString();
      try {
        return name.matches("[0-9]+")
            ? Optional.of(new Version(Long.parseLong(name), path))
            : Optional.empty();
      } catch (NumberFormatException e) {
        return Optional.empty();
      }
    }
  }
}
