package org.adaptivesoftmax.bench;

import com.sun.jna.Function;
import com.sun.jna.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * How far this process's resident set rises, as Linux accounts for it. Not known elsewhere, nor where the process may not
 * reset its peak.
 */
final class ResidentMemory {
  private static final Path PROCESS = Path.of("/proc/self");
  private static final double BYTES_PER_KB = 1024;
  private static final double BYTES_PER_MB = 1e6;

  private final @Nullable Long startKb;

  private ResidentMemory(@Nullable Long startKb) {
    this.startKb = startKb;
  }

  /** Starts from what the process holds now. */
  static ResidentMemory start() throws IOException {
    System.gc();
    return new ResidentMemory(
        Platform.isLinux() && forgetPeak()
            ? kilobytes(PROCESS.resolve("status"), "VmRSS").orElse(null)
            : null);
  }

  /**
   * Forgets the peak so far. Memory that is free by now goes back to the system first, as far as the allocator lets go of
   * it.
   *
   * @return whether it could
   */
  static boolean forgetPeak() {
    Function.getFunction(Platform.C_LIBRARY_NAME, "malloc_trim").invokeInt(new Object[] {0L});
    try {
      Files.writeString(PROCESS.resolve("clear_refs"), "5");
      return true;
    } catch (IOException notPermitted) {
      return false;
    }
  }

  /** The peak above the start, in MB (10⁶ bytes); empty if it is not known. */
  Optional<Double> peakMb() throws IOException {
    if (startKb == null) {
      return Optional.empty();
    }
    return kilobytes(PROCESS.resolve("status"), "VmHWM")
        .map(peak -> (peak - startKb) * BYTES_PER_KB / BYTES_PER_MB);
  }

  /** What this process holds now, in MB (10⁶ bytes); empty if the system does not tell. */
  static Optional<Double> nowMb() throws IOException {
    return Platform.isLinux()
        ? kilobytes(PROCESS.resolve("status"), "VmRSS").map(kb -> kb * BYTES_PER_KB / BYTES_PER_MB)
        : Optional.empty();
  }

  /** Memory that new processes can have without swapping, in bytes; empty where the system does not tell. */
  static Optional<Double> availableBytes() throws IOException {
    Path file = Path.of("/proc/meminfo");
    return Files.exists(file)
        ? kilobytes(file, "MemAvailable").map(kb -> kb * BYTES_PER_KB)
        : Optional.empty();
  }

  /** The most that a process held so far, in MB (10⁶ bytes); empty if it is gone, or the system does not tell. */
  static OptionalDouble peakMb(long process) {
    return mb(process, "VmHWM");
  }

  /** What a process holds now, in MB (10⁶ bytes); empty if it is gone, or the system does not tell. */
  static OptionalDouble nowMb(long process) {
    return mb(process, "VmRSS");
  }

  private static OptionalDouble mb(long process, String key) {
    try {
      return kilobytes(Path.of("/proc", Long.toString(process), "status"), key)
          .map(kb -> OptionalDouble.of(kb * BYTES_PER_KB / BYTES_PER_MB))
          .orElse(OptionalDouble.empty());
    } catch (IOException gone) {
      return OptionalDouble.empty();
    }
  }

  private static Optional<Long> kilobytes(Path file, String key) throws IOException {
    return Files.readAllLines(file).stream()
        .filter(line -> line.startsWith(key + ":"))
        .map(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst();
  }
}
