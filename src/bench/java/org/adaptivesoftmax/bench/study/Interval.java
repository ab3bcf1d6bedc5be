package org.adaptivesoftmax.bench.study;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A mean with its 95 % confidence interval by Student's t, mean ± halfWidth.
 *
 * @param mean of the values; null if there is none
 * @param halfWidth t · s / √n with n − 1 degrees of freedom; null for less than two values
 */
public record Interval(@Nullable Double mean, @Nullable Double halfWidth) {
  /** The 0.975 quantiles for 1 to 30 degrees of freedom. */
  private static final double[] QUANTILES = {
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
    2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042
  };

  private static final double NORMAL_QUANTILE = 1.96;

  /**
   * Estimates a mean.
   *
   * @param values NaN is left out
   */
  static Interval of(List<Double> values) {
    List<Double> known = values.stream().filter(value -> !value.isNaN()).toList();
    int n = known.size();
    if (n == 0) {
      return new Interval(null, null);
    }
    double mean = known.stream().mapToDouble(Double::doubleValue).sum() / n;
    if (n == 1) {
      return new Interval(mean, null);
    }
    double squares = known.stream().mapToDouble(value -> (value - mean) * (value - mean)).sum();
    return new Interval(mean, quantile(n - 1) * Math.sqrt(squares / (n - 1) / n));
  }

  /** Beyond the table by the first term of Fisher's expansion, to 0.001. */
  private static double quantile(int freedom) {
    return freedom <= QUANTILES.length
        ? QUANTILES[freedom - 1]
        : NORMAL_QUANTILE + (Math.pow(NORMAL_QUANTILE, 3) + NORMAL_QUANTILE) / (4 * freedom);
  }

  /** For a table, such as {@code 88.41 ± 0.32}. */
  String text(double unit, int digits) {
    if (mean == null) {
      return "–";
    }
    String number = "%." + digits + "f";
    return halfWidth == null
        ? String.format(Locale.ROOT, number, mean / unit)
        : String.format(Locale.ROOT, number + " ± " + number, mean / unit, halfWidth / unit);
  }
}
