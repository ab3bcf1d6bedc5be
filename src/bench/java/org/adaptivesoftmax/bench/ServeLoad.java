package org.adaptivesoftmax.bench;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What came of some requests.
 *
 * @param seconds from the first request to the last answer
 * @param p50Ms half of the answers came within these milliseconds
 * @param p99Ms 99 of 100 did
 * @param failures requests without an answer
 * @param firstFailure why the first of these has none
 * @param cpuSeconds of the asking process
 */
record ServeLoad(
    double seconds,
    double p50Ms,
    double p99Ms,
    int failures,
    @Nullable String firstFailure,
    double cpuSeconds) {
  private static final double NANOS_PER_MS = 1e6;
  private static final double NANOS_PER_SECOND = 1e9;

  /**
   * @param nanos each request took
   */
  static ServeLoad of(
      long[] nanos, long all, int failures, @Nullable String firstFailure, long cpuNanos) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return new ServeLoad(
        all / NANOS_PER_SECOND,
        quantile(sorted, 0.5),
        quantile(sorted, 0.99),
        failures,
        firstFailure,
        cpuNanos / NANOS_PER_SECOND);
  }

  private static double quantile(long[] sorted, double share) {
    return sorted[(int) Math.ceil(share * sorted.length) - 1] / NANOS_PER_MS;
  }
}
