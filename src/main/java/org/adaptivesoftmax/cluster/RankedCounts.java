package org.adaptivesoftmax.cluster;

import java.util.Arrays;
import org.adaptivesoftmax.internal.io.Require;

/** Counts of classes in decreasing order, as shares of their sum. */
final class RankedCounts {
  /** At index r the sum of the r largest counts. */
  private final long[] sums;

  private RankedCounts(long[] sums) {
    this.sums = sums;
  }

  /**
   * @param counts of all classes, in any order
   * @throws IllegalArgumentException if there are fewer than 2, one is negative, or all are 0
   */
  static RankedCounts of(long[] counts) {
    Require.argument(counts.length >= 2, "counts must hold at least 2 classes: %s", counts.length);
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] < 0) {
        // Not by Require, which would box every count.
        throw new IllegalArgumentException(
            "counts must not be negative: %d at %d".formatted(counts[i], i));
      }
    }
    long[] increasing = counts.clone();
    Arrays.sort(increasing);
    long[] sums = new long[counts.length + 1];
    for (int rank = 0; rank < counts.length; rank++) {
      sums[rank + 1] = sums[rank] + increasing[counts.length - 1 - rank];
      Require.argument(sums[rank + 1] >= 0, "counts must add up to less than 2^63");
    }
    Require.argument(sums[counts.length] > 0, "counts must not all be 0");
    return new RankedCounts(sums);
  }

  int nClasses() {
    return sums.length - 1;
  }

  /** The share of the ranks from {@code start} to before {@code end}. */
  double share(int start, int end) {
    return (double) (sums[end] - sums[start]) / sums[sums.length - 1];
  }
}
