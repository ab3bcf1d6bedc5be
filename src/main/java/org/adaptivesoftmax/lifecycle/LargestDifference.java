package org.adaptivesoftmax.lifecycle;

import java.util.Arrays;

/**
 * The L∞ distance of two samples, with an interval that holds for all tokens at once: by Bernstein's inequality, summed over
 * the tokens, the chance that any share is off by more than t is at most
 *
 * <pre>{@code
 * Σ 2 · exp(−t² / (2 · (variance + t · step / 3)))
 * }</pre>
 *
 * <p>where a share's variance is that of both samples and step is 1 / tokens of the smaller. So with the t of 5 in 100, the
 * distance is off by no more than t.
 */
final class LargestDifference {
  private static final int HALVINGS = 40;

  private LargestDifference() {}

  static Figure of(long[] then, long[] now) {
    double tokensThen = Arrays.stream(then).sum();
    double tokensNow = Arrays.stream(now).sum();
    double largest = 0;
    double[] variances = new double[then.length];
    for (int rank = 0; rank < then.length; rank++) {
      double p = then[rank] / tokensThen;
      double q = now[rank] / tokensNow;
      largest = Math.max(largest, Math.abs(p - q));
      double pooled = (then[rank] + now[rank]) / (tokensThen + tokensNow);
      variances[rank] =
          Math.max(pooled / tokensThen + pooled / tokensNow, p / tokensThen + q / tokensNow);
    }
    double step = 1 / Math.min(tokensThen, tokensNow);
    return Figure.within(0, 1, largest, band(variances, step));
  }

  private static double band(double[] variances, double step) {
    double low = 0;
    double high = 1;
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (low + high) / 2;
      if (chance(variances, step, middle) > Figure.ALPHA) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  private static double chance(double[] variances, double step, double t) {
    double sum = 0;
    for (double variance : variances) {
      if (variance > 0) {
        sum += 2 * Math.exp(-t * t / (2 * (variance + t * step / 3)));
      }
    }
    return sum;
  }
}
