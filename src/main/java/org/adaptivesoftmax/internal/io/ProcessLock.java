package org.adaptivesoftmax.internal.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A file that one process at a time holds, with its number in it. The lock ends with the process, however that ends. */
public final class ProcessLock implements AutoCloseable {
  private static final int NUMBER_BYTES = 20;

  /** This process must not even open them: closing a file would end its locks. */
  private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;
  private final List<Path> created;

  private ProcessLock(Path file, FileChannel channel, List<Path> created) {
    this.file = file;
    this.channel = channel;
    this.created = created;
  }

  /**
   * Takes a lock.
   *
   * @param file made if it is missing, with its directory, and deleted with {@link #close}
   * @param doing what the process that has it does, for the error
   * @throws IllegalStateException if another process has it, or this one
   */
  public static ProcessLock take(Path file, String doing) throws IOException {
    Path directory =
        Objects.requireNonNull(file.toAbsolutePath().getParent(), "no directory above");
    List<Path> created = FileTree.missing(directory);
    Files.createDirectories(directory);
    Path real = directory.toRealPath().resolve(file.getFileName());
    if (!OWN.add(real)) {
      throw taken(Long.toString(ProcessHandle.current().pid()), doing);
    }
    try {
      return take(real, created, doing);
    } catch (Throwable failure) {
      OWN.remove(real);
      FileTree.deleteIfEmpty(created);
      throw failure;
    }
  }

  private static ProcessLock take(Path file, List<Path> created, String doing) throws IOException {
    while (true) {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      try {
        if (channel.tryLock() == null) {
          throw taken(owner(channel), doing);
        }
        if (Files.exists(file)) { // else another one ended between the two steps
          byte[] number =
              Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
          channel.truncate(0).write(ByteBuffer.wrap(number), 0);
          return new ProcessLock(file, channel, created);
        }
        channel.close();
      } catch (Throwable failure) {
        channel.close();
        throw failure;
      }
    }
  }

  private static String owner(FileChannel channel) throws IOException {
    ByteBuffer number = ByteBuffer.allocate(NUMBER_BYTES);
    channel.read(number, 0);
    String owner = new String(number.array(), 0, number.position(), StandardCharsets.US_ASCII);
    return owner.matches("\\d+") ? owner : "unknown";
  }

  private static IllegalStateException taken(String owner, String doing) {
    return new IllegalStateException("process %s is %s already".formatted(owner, doing));
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      Files.deleteIfExists(file);
    } finally {
      OWN.remove(file);
    }
    FileTree.deleteIfEmpty(created);
  }
}
