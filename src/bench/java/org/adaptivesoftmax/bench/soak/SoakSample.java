package org.adaptivesoftmax.bench.soak;

import java.util.List;
import java.util.Map;

/**
 * What a process did since the last sample, and what it holds.
 *
 * @param seconds from the start
 * @param holds what it holds
 * @param versions that were published so far
 * @param latency of each way to ask, by its key
 * @param failures documented ones, by way and code
 * @param wrong what must not be, of which the first ones are told
 * @param wrongCount how many of these there were
 */
public record SoakSample(
    double seconds,
    Holds holds,
    int versions,
    Map<String, Latency> latency,
    Map<String, Integer> failures,
    List<String> wrong,
    int wrongCount) {
  /** The same with the resident set, which is looked at from outside. */
  public SoakSample withResident(double mb, double peakMb) {
    return new SoakSample(
        seconds,
        new Holds(mb, peakMb, holds.nativeMb, holds.heapMb, holds.threads, holds.descriptors),
        versions,
        latency,
        failures,
        wrong,
        wrongCount);
  }

  /**
   * What a process holds.
   *
   * @param residentMb its resident set (10⁶ bytes) with all of Java's heap, when the allocator has given back what is free;
   *     0 where the system does not tell
   * @param peakMb the most that was resident so far; 0 where the system does not tell
   * @param nativeMb of that what the C library's allocator has given out; 0 where it does not tell
   * @param heapMb of Java's heap what is alive
   * @param threads of Java
   * @param descriptors open files and sockets; 0 where the system does not tell
   */
  public record Holds(
      double residentMb,
      double peakMb,
      double nativeMb,
      double heapMb,
      int threads,
      long descriptors) {}

  /**
   * How long answers and failures took.
   *
   * @param calls that ended
   * @param p50Ms half of them within these milliseconds
   * @param p99Ms 99 of 100
   * @param maxMs all
   */
  public record Latency(int calls, double p50Ms, double p99Ms, double maxMs) {}
}
