package org.adaptivesoftmax.internal.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A directory that is made beside the place that it is to take, under a name that model servers ignore. A file beside it
 * stays locked while somebody writes to it. The lock ends with the process: so what a killed process left is told from
 * what another one writes to right now, and the next to write there deletes it.
 */
public final class UnfinishedDirectory implements AutoCloseable {
  private static final String PREFIX = ".unfinished-";
  private static final String LOCK_SUFFIX = ".lock";
  private static final String OLD_SUFFIX = ".old";

  /** This process must not even open them: closing a file would end its locks. */
  static final Set<Path> OWN_LOCKS = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final Path lockFile;
  private final FileChannel lock;
  private final List<Path> created;

  private UnfinishedDirectory(Path directory, Path lockFile, FileChannel lock, List<Path> created) {
    this.directory = directory;
    this.lockFile = lockFile;
    this.lock = lock;
    this.created = created;
  }

  /**
   * Creates an empty directory, and deletes those that nobody writes to any more.
   *
   * @param base where it is made; created if it is missing, and deleted with {@link #close} if it is empty then
   */
  public static UnfinishedDirectory create(Path base) throws IOException {
    List<Path> created = FileTree.missing(base);
    try {
      FileTree.createDirectories(base);
      deleteAbandoned(base.toRealPath());
      UnfinishedDirectory unfinished = tryCreate(base, created);
      while (unfinished == null) {
        unfinished = tryCreate(base, created);
      }
      return unfinished;
    } catch (Throwable failure) {
      FileTree.deleteIfEmpty(created);
      throw failure;
    }
  }

  /** Somebody else may take the new lock file for an abandoned one before it is locked: then there is none. */
  private static @Nullable UnfinishedDirectory tryCreate(Path base, List<Path> created)
      throws IOException {
    String name = PREFIX + UUID.randomUUID();
    Path lockFile = base.toRealPath().resolve(name + LOCK_SUFFIX);
    OWN_LOCKS.add(lockFile);
    FileChannel lock = openLock(lockFile);
    UnfinishedDirectory unfinished =
        new UnfinishedDirectory(base.resolve(name), lockFile, lock, created);
    try {
      if (lock.tryLock() != null && Files.exists(lockFile)) {
        // Not createTempDirectory: its permissions would keep a server's own user out.
        Files.createDirectory(unfinished.directory);
        return unfinished;
      }
    } catch (Throwable failure) {
      unfinished.close();
      throw failure;
    }
    unfinished.release();
    return null;
  }

  private static FileChannel openLock(Path lockFile) throws IOException {
    try {
      return FileChannel.open(lockFile, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (Throwable failure) {
      OWN_LOCKS.remove(lockFile);
      throw failure;
    }
  }

  private static void deleteAbandoned(Path base) {
    try (DirectoryStream<Path> lockFiles =
        Files.newDirectoryStream(base, PREFIX + "*" + LOCK_SUFFIX)) {
      for (Path lockFile : lockFiles) {
        if (!OWN_LOCKS.contains(lockFile)) {
          deleteIfAbandoned(lockFile);
        }
      }
    } catch (IOException e) {
      // What cannot be cleaned up, such as another user's, does not disturb.
    }
  }

  private static void deleteIfAbandoned(Path lockFile) throws IOException {
    if (!Files.isRegularFile(lockFile, LinkOption.NOFOLLOW_LINKS)) {
      return; // Nobody's lock, and a pipe would be waited for.
    }
    try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE)) {
      if (channel.tryLock() != null) {
        String name = lockFile.getFileName().toString();
        FileTree.delete(
            lockFile.resolveSibling(name.substring(0, name.length() - LOCK_SUFFIX.length())));
        Files.deleteIfExists(lockFile);
      }
    }
  }

  /** {@return where to write} */
  public Path directory() {
    return directory;
  }

  /**
   * Gives the directory its place, forced to disk. Another one that stands there is replaced.
   *
   * @param place on the same file system
   */
  public void moveTo(Path place) throws IOException {
    FileTree.force(directory);
    if (!Files.exists(place)) {
      Files.move(directory, place, StandardCopyOption.ATOMIC_MOVE);
    } else {
      Path old = directory.resolveSibling(directory.getFileName() + OLD_SUFFIX);
      Files.move(place, old, StandardCopyOption.ATOMIC_MOVE);
      try {
        Files.move(directory, place, StandardCopyOption.ATOMIC_MOVE);
      } catch (Throwable failure) {
        Files.move(old, place, StandardCopyOption.ATOMIC_MOVE);
        throw failure;
      }
      FileTree.delete(old);
    }
    FileTree.forceEntry(place);
  }

  /**
   * Deletes what has not been renamed, and directories that were made for it alone. What cannot be deleted is left to the next
   * to write there: what was renamed has its place all the same.
   */
  @Override
  public void close() {
    try {
      release();
      FileTree.deleteIfEmpty(created);
    } catch (IOException e) {
      // As after a crash.
    }
  }

  private void release() throws IOException {
    try (lock) {
      FileTree.delete(directory);
      Files.deleteIfExists(lockFile);
    } finally {
      OWN_LOCKS.remove(lockFile);
    }
  }
}
