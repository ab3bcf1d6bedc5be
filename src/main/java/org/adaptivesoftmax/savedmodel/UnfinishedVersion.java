package org.adaptivesoftmax.savedmodel;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.adaptivesoftmax.internal.io.FileTree;

/**
 * A directory that is to become a version, beside the versions, under a name that model servers ignore. A file beside it
 * stays locked while somebody writes to it. The lock ends with the process: so what a killed process left is told from
 * what another one writes to right now, and the next to publish deletes it.
 */
final class UnfinishedVersion implements AutoCloseable {
  private static final String PREFIX = ".unfinished-";
  private static final String LOCK_SUFFIX = ".lock";

  /** This process must not even open them: closing a file would end its locks. */
  static final Set<Path> OWN_LOCKS = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final Path lockFile;
  private final FileChannel lock;

  private UnfinishedVersion(Path directory, Path lockFile, FileChannel lock) {
    this.directory = directory;
    this.lockFile = lockFile;
    this.lock = lock;
  }

  /** Creates an empty directory, and deletes those that nobody writes to any more. */
  static UnfinishedVersion create(Path base) throws IOException {
    Files.createDirectories(base);
    Path real = base.toRealPath();
    deleteAbandoned(real);
    while (true) {
      String name = PREFIX + UUID.randomUUID();
      Path lockFile = real.resolve(name + LOCK_SUFFIX);
      OWN_LOCKS.add(lockFile);
      FileChannel lock = openLock(lockFile);
      UnfinishedVersion unfinished = new UnfinishedVersion(base.resolve(name), lockFile, lock);
      try {
        // Somebody else may take the new file for an abandoned one before it is locked.
        if (lock.tryLock() != null && Files.exists(lockFile)) {
          // Not createTempDirectory: its permissions would keep a server's own user out.
          Files.createDirectory(unfinished.directory);
          return unfinished;
        }
      } catch (Throwable failure) {
        unfinished.close();
        throw failure;
      }
      unfinished.close();
    }
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
    try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE)) {
      if (channel.tryLock() != null) {
        String name = lockFile.getFileName().toString();
        FileTree.delete(
            lockFile.resolveSibling(name.substring(0, name.length() - LOCK_SUFFIX.length())));
        Files.deleteIfExists(lockFile);
      }
    }
  }

  Path directory() {
    return directory;
  }

  /** Deletes what has not been renamed. */
  @Override
  public void close() throws IOException {
    try (lock) {
      FileTree.delete(directory);
      Files.deleteIfExists(lockFile);
    } finally {
      OWN_LOCKS.remove(lockFile);
    }
  }
}
