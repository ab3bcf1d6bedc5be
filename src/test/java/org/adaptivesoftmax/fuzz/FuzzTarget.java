package org.adaptivesoftmax.fuzz;

import java.nio.file.Path;
import java.util.Set;

/**
 * Something that reads what others wrote.
 *
 * @param name as {@code tools/fuzz} knows it, and the directory of its inputs
 * @param reader reads it
 * @param documented what it may throw
 * @param bytesPerByte how much it may allocate for each byte of the input, beside {@link Oracle#BASE_BYTES}
 * @param cpuMillis how long it may compute
 */
public record FuzzTarget(
    String name,
    Reader reader,
    Set<Class<? extends Throwable>> documented,
    long bytesPerByte,
    long cpuMillis) {
  /** Reads an input. */
  @FunctionalInterface
  public interface Reader {
    /**
     * Reads an input.
     *
     * @param input of any bytes
     * @param directory for files; what an earlier call left there is still there
     */
    void read(byte[] input, Path directory) throws Exception;
  }

  /** A target with the limits that hold for most. */
  public static FuzzTarget of(
      String name, Set<Class<? extends Throwable>> documented, Reader reader) {
    return new FuzzTarget(name, reader, documented, 1_000, 1_000);
  }

  /** With another factor of memory: compressed input stands for more. */
  public FuzzTarget bytesPerByte(long factor) {
    return new FuzzTarget(name, reader, documented, factor, cpuMillis);
  }

  /** The target's name, as tests show it. */
  @Override
  public String toString() {
    return name;
  }
}
