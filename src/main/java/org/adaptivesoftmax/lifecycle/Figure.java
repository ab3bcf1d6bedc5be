package org.adaptivesoftmax.lifecycle;

/**
 * A figure found from a sample, with its interval: where the text that the sample is of has it, in 95 of 100 samples.
 *
 * @param value the best guess
 * @param low the least that the sample is compatible with
 * @param high the most that it is compatible with
 */
public record Figure(double value, double low, double high) {
  /** How many standard deviations around a value hold 95 in 100. */
  static final double Z = 1.959964;

  /** The share of samples whose interval misses the truth. */
  static final double ALPHA = 0.05;

  /** A value give or take some, all within bounds. */
  static Figure within(double least, double most, double value, double error) {
    return new Figure(
        clamp(value, least, most),
        clamp(value - error, least, most),
        clamp(value + error, least, most));
  }

  /** A share of a sample, with Wilson's score interval. */
  static Figure share(double count, double of) {
    double share = count / of;
    double z2 = Z * Z;
    double middle = (share + z2 / (2 * of)) / (1 + z2 / of);
    double half = Z / (1 + z2 / of) * Math.sqrt(share * (1 - share) / of + z2 / (4 * of * of));
    // Rounding could leave a share of 0 or 1 outside of its own interval.
    return new Figure(share, clamp(middle - half, 0, share), clamp(middle + half, share, 1));
  }

  private static double clamp(double value, double least, double most) {
    return Math.max(least, Math.min(most, value));
  }
}
