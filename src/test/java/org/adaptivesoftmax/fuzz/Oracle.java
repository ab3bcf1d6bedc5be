package org.adaptivesoftmax.fuzz;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.adaptivesoftmax.internal.io.FileTree;
import org.adaptivesoftmax.internal.io.OneLine;
import org.jspecify.annotations.Nullable;

/**
 * What must hold for any input: it is read, or refused by a documented exception whose message is short and has no control
 * characters; with memory at most in proportion to the input; and in time.
 */
public final class Oracle implements AutoCloseable {
  /** What any call may allocate: buffers, and a message. */
  static final long BASE_BYTES = 4 << 20;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final FuzzTarget target;
  private final Path directory;

  /**
   * What one call took.
   *
   * @param bytes allocated by this thread
   * @param millis of processor time of this thread: a busy machine does not count
   */
  private record Cost(long bytes, long millis, @Nullable Throwable thrown) {}

  /** An input for which something does not hold. */
  static final class BrokenPromise extends AssertionError {
    private static final long serialVersionUID = 1;

    BrokenPromise(String what, @Nullable Throwable cause) {
      super(what, cause);
    }
  }

  /** For inputs of one target, by one thread. */
  public Oracle(FuzzTarget target) throws IOException {
    this.target = target;
    this.directory = Files.createTempDirectory("fuzz-" + target.name());
  }

  /**
   * Reads an input.
   *
   * @throws AssertionError if something does not hold
   */
  public void check(byte[] input) {
    Cost cost = read(input);
    requireDocumented(cost.thrown);
    long mostBytes = BASE_BYTES + target.bytesPerByte() * input.length;
    if (cost.bytes > mostBytes || cost.millis > target.cpuMillis()) {
      // Classes that are loaded count once.
      cost = read(input);
    }
    if (cost.bytes > mostBytes) {
      throw new BrokenPromise(
          "%d bytes are allocated for %d, more than %d"
              .formatted(cost.bytes, input.length, mostBytes),
          null);
    }
    if (cost.millis > target.cpuMillis()) {
      throw new BrokenPromise(
          "%d ms, more than %d".formatted(cost.millis, target.cpuMillis()), null);
    }
  }

  private Cost read(byte[] input) {
    long bytes = THREADS.getCurrentThreadAllocatedBytes();
    long nanos = THREADS.getCurrentThreadCpuTime();
    Throwable thrown = null;
    try {
      target.reader().read(input, directory);
    } catch (Throwable e) { // errors of the virtual machine, too, are not documented
      thrown = e;
    }
    return new Cost(
        THREADS.getCurrentThreadAllocatedBytes() - bytes,
        (THREADS.getCurrentThreadCpuTime() - nanos) / 1_000_000,
        thrown);
  }

  private void requireDocumented(@Nullable Throwable thrown) {
    if (thrown == null) {
      return;
    }
    if (target.documented().stream().noneMatch(type -> type.isInstance(thrown))) {
      throw new BrokenPromise("not documented: " + thrown.getClass().getName(), thrown);
    }
    String message = thrown.getMessage();
    if (message == null) {
      throw new BrokenPromise("no message", thrown);
    }
    if (message.length() > OneLine.MAX_LENGTH) {
      throw new BrokenPromise("a message of %d characters".formatted(message.length()), thrown);
    }
    if (message.chars().anyMatch(Character::isISOControl)) {
      throw new BrokenPromise("control characters in a message", thrown);
    }
  }

  @Override
  public void close() throws IOException {
    FileTree.delete(directory);
  }
}
