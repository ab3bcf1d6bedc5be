package org.adaptivesoftmax.cluster;

/** The standard normal distribution, so that choosing cutoffs and testing differences need no library of statistics. */
public final class NormalDistribution {
  private NormalDistribution() {}

  /**
   * The probability of a value above z: formula 26.2.17 of Abramowitz and Stegun, "Handbook of Mathematical Functions",
   * off by at most 7.5e-8.
   *
   * @param z any, infinite ones included
   * @return in 0..1
   */
  public static double upperTail(double z) {
    if (z < 0) {
      return 1 - upperTail(-z);
    }
    if (z == Double.POSITIVE_INFINITY) {
      return 0;
    }
    double t = 1 / (1 + 0.2316419 * z);
    double polynomial =
        t
            * (0.319381530
                + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
    return Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) * polynomial;
  }
}
