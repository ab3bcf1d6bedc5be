package org.adaptivesoftmax.decoding;

/** Pearson's test of counts against probabilities. */
public final class ChiSquared {
  private static final double LEAST_EXPECTED = 5;

  /** Of the standard normal distribution, one value in 100,000 lies above. */
  private static final double NORMAL_QUANTILE = 4.265;

  private ChiSquared() {}

  /** Whether the counts could well be draws from the distribution: one in 100,000 such draws fails. */
  public static boolean fits(long[] counts, double[] probabilities) {
    long total = 0;
    for (long count : counts) {
      total += count;
    }
    double statistic = 0;
    int cells = 0;
    double rareCount = 0;
    double rareExpected = 0;
    for (int i = 0; i < counts.length; i++) {
      double expected = total * probabilities[i];
      if (expected == 0 && counts[i] > 0) {
        return false;
      }
      if (expected < LEAST_EXPECTED) {
        rareCount += counts[i];
        rareExpected += expected;
      } else {
        statistic += (counts[i] - expected) * (counts[i] - expected) / expected;
        cells++;
      }
    }
    if (rareExpected > 1) {
      statistic += (rareCount - rareExpected) * (rareCount - rareExpected) / rareExpected;
      cells++;
    }
    return statistic <= quantile(cells - 1);
  }

  /** After Wilson and Hilferty (1931). */
  private static double quantile(int freedom) {
    double spread = 2 / (9.0 * Math.max(1, freedom));
    return Math.max(1, freedom) * Math.pow(1 - spread + NORMAL_QUANTILE * Math.sqrt(spread), 3);
  }
}
