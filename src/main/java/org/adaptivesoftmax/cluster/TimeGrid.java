package org.adaptivesoftmax.cluster;

import java.util.List;

/** Times on a grid of three axes, with the logarithm of a time linear in those of the coordinates between its points. */
final class TimeGrid {
  private final double[][] axes;
  private final double[] logTimes;

  /**
   * @param axes increasing values, from at least 1
   * @param times of all points, those of the last axis next to each other
   */
  TimeGrid(List<List<Integer>> axes, List<Double> times) {
    this.axes =
        axes.stream()
            .map(axis -> axis.stream().mapToDouble(Math::log).toArray())
            .toArray(double[][]::new);
    this.logTimes = times.stream().mapToDouble(Math::log).toArray();
  }

  /** The time at a point, which need not be on the grid. */
  double at(double first, double second, double third) {
    return Math.exp(log(0, 0, Math.log(first), Math.log(second), Math.log(third)));
  }

  /** Interpolates along an axis what the later axes have at its two nearest values. */
  private double log(int axis, int offset, double... point) {
    if (axis == axes.length) {
      return logTimes[offset];
    }
    double[] values = axes[axis];
    int last = values.length - 1;
    double place = point[axis];
    if (place <= values[0]) {
      return log(axis + 1, offset * values.length, point);
    }
    if (place >= values[last]) {
      // Beyond the grid a product takes time in proportion to its size.
      return log(axis + 1, offset * values.length + last, point) + place - values[last];
    }
    int high = 1;
    while (values[high] < place) {
      high++;
    }
    double part = (place - values[high - 1]) / (values[high] - values[high - 1]);
    return (1 - part) * log(axis + 1, offset * values.length + high - 1, point)
        + part * log(axis + 1, offset * values.length + high, point);
  }
}
