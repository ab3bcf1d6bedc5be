package org.adaptivesoftmax.bench.study;

import java.util.List;
import java.util.Locale;
import org.apache.commons.statistics.descriptive.Mean;
import org.apache.commons.statistics.descriptive.StandardDeviation;
import org.apache.commons.statistics.distribution.TDistribution;
import org.jspecify.annotations.Nullable;

/**
 * A mean with its 95 % confidence interval by Student's t, mean ± halfWidth.
 *
 * @param mean of the values; null if there is none
 * @param halfWidth t · s / √n with n − 1 degrees of freedom; null for less than two values
 */
public record Interval(@Nullable Double mean, @Nullable Double halfWidth) {
  private static final double QUANTILE = 0.975;

  /**
   * Estimates a mean.
   *
   * @param values NaN is left out
   */
  public static Interval of(List<Double> values) {
    double[] known =
        values.stream().filter(value -> !value.isNaN()).mapToDouble(Double::doubleValue).toArray();
    int n = known.length;
    if (n == 0) {
      return new Interval(null, null);
    }
    double mean = Mean.of(known).getAsDouble();
    if (n == 1) {
      return new Interval(mean, null);
    }
    double t = TDistribution.of(n - 1).inverseCumulativeProbability(QUANTILE);
    return new Interval(mean, t * StandardDeviation.of(known).getAsDouble() / Math.sqrt(n));
  }

  /** For a table, such as {@code 88.41 ± 0.32}. */
  public String text(double unit, int digits) {
    if (mean == null) {
      return "–";
    }
    String number = "%." + digits + "f";
    return halfWidth == null
        ? String.format(Locale.ROOT, number, mean / unit)
        : String.format(Locale.ROOT, number + " ± " + number, mean / unit, halfWidth / unit);
  }
}
