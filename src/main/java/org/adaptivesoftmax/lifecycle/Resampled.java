package org.adaptivesoftmax.lifecycle;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/** A figure of a text and of its bootstrap replicates. */
final class Resampled {
  /** First that of the text, then those of the replicates; NaN where a replicate does not have the figure. */
  private final double[] values;

  Resampled(double[] values) {
    this.values = values;
  }

  Resampled map(DoubleUnaryOperator function) {
    return new Resampled(Arrays.stream(values).map(function).toArray());
  }

  Resampled with(Resampled other, DoubleBinaryOperator function) {
    double[] both = new double[values.length];
    Arrays.setAll(both, i -> function.applyAsDouble(values[i], other.values[i]));
    return new Resampled(both);
  }

  double value() {
    return values[0];
  }

  /** The standard deviation of the replicates, the standard error of the value. */
  double deviation() {
    double[] replicates = replicates();
    double mean = Arrays.stream(replicates).average().orElse(Double.NaN);
    double squares = Arrays.stream(replicates).map(x -> (x - mean) * (x - mean)).sum();
    return Math.sqrt(squares / (replicates.length - 1));
  }

  /** The value with the percentile interval of 95 in 100 (Efron and Tibshirani 1993, chapter 13). */
  Figure figure() {
    double[] sorted = replicates();
    double low = quantile(sorted, Figure.ALPHA / 2);
    double high = quantile(sorted, 1 - Figure.ALPHA / 2);
    return new Figure(values[0], Math.min(low, values[0]), Math.max(high, values[0]));
  }

  /**
   * The value with the basic interval, the percentile interval mirrored at the value, cut off at 0: for what is too high by chance,
   * a replicate of a sample being too high once more.
   */
  Figure mirrored() {
    double[] sorted = replicates();
    double value = values[0];
    double low = 2 * value - quantile(sorted, 1 - Figure.ALPHA / 2);
    double high = 2 * value - quantile(sorted, Figure.ALPHA / 2);
    return new Figure(value, Math.max(0, Math.min(low, value)), Math.max(value, high));
  }

  private double[] replicates() {
    double[] sorted =
        Arrays.stream(values).skip(1).filter(x -> !Double.isNaN(x)).sorted().toArray();
    // Where no replicate has the figure, nothing is known beside the value.
    return sorted.length == 0 ? new double[] {values[0]} : sorted;
  }

  /** Between the two values beside it in proportion, as R's type 7 and NumPy. */
  static double quantile(double[] sorted, double share) {
    double place = share * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }
}
