package org.adaptivesoftmax.cluster;

import java.util.HashMap;
import java.util.Map;

/** How often a tail cluster's entry reaches the k-th best class before the cluster, as {@link ServingCost} models it. */
final class EntryReach {
  /** Ranks whose scores are summed as if they had the same count: those from r to before r · 1.05. */
  private static final double BIN_RATIO = 1.05;

  private static final double COUNT_OF_NONE = 0.5;
  private static final int HALVINGS = 50;

  /** Beyond so many standard deviations nothing is expected of any number of classes. */
  private static final double FAR = 10;

  private final int k;
  private final double spread;
  private final RankedCounts counts;

  /** The score between the k-th best and the next, by the number of classes among which they are. */
  private final Map<Integer, Double> thresholds = new HashMap<>();

  EntryReach(int k, double spread, RankedCounts counts) {
    this.k = k;
    this.spread = spread;
    this.counts = counts;
  }

  /** The probability that a row needs the tail cluster of these ranks. */
  double probability(int start, int end) {
    double threshold = thresholds.computeIfAbsent(start, this::threshold);
    return NormalDistribution.upperTail((threshold - logCount(start, end)) / spread);
  }

  private double threshold(int before) {
    if (before < k) {
      return Double.NEGATIVE_INFINITY;
    }
    double low = Math.log(COUNT_OF_NONE) - FAR * spread;
    double high = logCount(0, counts.nClasses()) + FAR * spread;
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (low + high) / 2;
      if (above(middle, before) > k - 0.5) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** How many of the first classes are expected to score more. */
  private double above(double score, int before) {
    double above = 0;
    for (int start = 0; start < before; ) {
      int end = Math.min(before, Math.max(start + 1, (int) (start * BIN_RATIO)));
      int size = end - start;
      double mean = logCount(start, end) - Math.log(size);
      above += size * NormalDistribution.upperTail((score - mean) / spread);
      start = end;
    }
    return above;
  }

  private double logCount(int start, int end) {
    return Math.log(Math.max((double) counts.sum(start, end), COUNT_OF_NONE));
  }
}
