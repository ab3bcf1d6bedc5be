package org.adaptivesoftmax.internal.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A directory among the system's temporary ones, which this user alone can enter. It is deleted when it is closed; what a killed
 * process left, the next to make one deletes. A file in it stays locked as long as its process is there.
 */
public final class TemporaryDirectory implements AutoCloseable {
  private static final String PREFIX = "adaptive-softmax-";
  private static final String LOCK = "lock";
  private static final String CONTENT = "content";

  /** This process must not even open their locks: closing a file would end them. */
  private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

  private final Path root;
  private final FileChannel lock;

  private TemporaryDirectory(Path root, FileChannel lock) {
    this.root = root;
    this.lock = lock;
  }

  /** Makes one that is empty. */
  public static TemporaryDirectory create() throws IOException {
    Path base = Path.of(System.getProperty("java.io.tmpdir"));
    TemporaryDirectory made = tryCreate(base);
    while (made == null) {
      made = tryCreate(base);
    }
    deleteAbandoned(base, Files.getOwner(made.root));
    return made;
  }

  /** Somebody else may take it for an abandoned one before it is locked, and delete it: then there is none. */
  private static @Nullable TemporaryDirectory tryCreate(Path base) throws IOException {
    Path root = Files.createTempDirectory(base, PREFIX);
    OWN.add(root);
    FileChannel lock;
    try {
      lock =
          FileChannel.open(
              root.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (NoSuchFileException e) {
      OWN.remove(root);
      return null;
    } catch (Throwable failure) {
      OWN.remove(root);
      Files.deleteIfExists(root);
      throw failure;
    }
    TemporaryDirectory made = new TemporaryDirectory(root, lock);
    try {
      if (lock.tryLock() != null && Files.exists(root.resolve(LOCK))) {
        Files.createDirectory(root.resolve(CONTENT));
        return made;
      }
    } catch (Throwable failure) {
      made.close();
      throw failure;
    }
    made.close();
    return null;
  }

  /**
   * @param owner whose they must be: another user's are not to be followed anywhere
   */
  private static void deleteAbandoned(Path base, UserPrincipal owner) {
    try (DirectoryStream<Path> roots = Files.newDirectoryStream(base, PREFIX + "*")) {
      for (Path root : roots) {
        if (!OWN.contains(root)
            && Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)
            && Files.getOwner(root, LinkOption.NOFOLLOW_LINKS).equals(owner)) {
          deleteIfAbandoned(root);
        }
      }
    } catch (IOException e) {
      // What cannot be cleaned up does not disturb.
    }
  }

  private static void deleteIfAbandoned(Path root) {
    Path lockFile = root.resolve(LOCK);
    try {
      if (!Files.isRegularFile(lockFile, LinkOption.NOFOLLOW_LINKS)) {
        Files.delete(root); // Succeeds if nothing at all is in it.
        return;
      }
      try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE)) {
        if (channel.tryLock() != null) {
          FileTree.delete(root);
        }
      }
    } catch (IOException e) {
      // Another one deletes it at the same time, or something else is called so.
    }
  }

  /** {@return where to write} */
  public Path path() {
    return root.resolve(CONTENT);
  }

  @Override
  public void close() throws IOException {
    try (lock) {
      FileTree.delete(root);
    } finally {
      OWN.remove(root);
    }
  }
}
