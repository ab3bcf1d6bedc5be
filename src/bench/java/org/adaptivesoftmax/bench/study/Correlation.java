package org.adaptivesoftmax.bench.study;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.statistics.descriptive.Mean;
import org.apache.commons.statistics.descriptive.StandardDeviation;

/** Pearson's correlation: the mean product of two series, each brought to mean 0 and standard deviation 1. */
final class Correlation {
  private Correlation() {}

  /**
   * The correlation of two series.
   *
   * @param x as many values as y
   * @return in [−1, 1]; NaN if one of them is constant
   */
  static double of(List<Double> x, List<Double> y) {
    double[] standardX = standardized(x);
    double[] standardY = standardized(y);
    return IntStream.range(0, standardX.length)
        .mapToDouble(i -> standardX[i] * standardY[i])
        .average()
        .orElse(Double.NaN);
  }

  private static double[] standardized(List<Double> series) {
    double[] values = series.stream().mapToDouble(Double::doubleValue).toArray();
    double mean = Mean.of(values).getAsDouble();
    double deviation = StandardDeviation.of(values).setBiased(true).getAsDouble();
    return series.stream().mapToDouble(value -> (value - mean) / deviation).toArray();
  }
}
