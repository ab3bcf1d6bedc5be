package org.adaptivesoftmax.bench.study;

import java.util.List;

/** Pearson's correlation. */
final class Correlation {
  private Correlation() {}

  /**
   * The correlation of two series.
   *
   * @param x as many values as y
   * @return in [−1, 1]; NaN if one of them is constant
   */
  static double of(List<Double> x, List<Double> y) {
    double meanX = mean(x);
    double meanY = mean(y);
    double both = 0;
    double squaresX = 0;
    double squaresY = 0;
    for (int i = 0; i < x.size(); i++) {
      double dx = x.get(i) - meanX;
      double dy = y.get(i) - meanY;
      both += dx * dy;
      squaresX += dx * dx;
      squaresY += dy * dy;
    }
    return both / Math.sqrt(squaresX * squaresY);
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }
}
