package org.adaptivesoftmax.training;

import org.adaptivesoftmax.internal.io.Require;

/**
 * A learning rate that goes from the first step's to the last step's in a straight line.
 *
 * @param first of the first step, above 0
 * @param last of the last step, above 0
 */
public record LearningRate(double first, double last) {
  private static final double FALL = 10;

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is not above 0 and finite
   */
  public LearningRate {
    requirePositive("learningRate", first);
    requirePositive("finalLearningRate", last);
  }

  /** A rate that falls to a tenth. */
  static LearningRate falling(double first) {
    return new LearningRate(first, first / FALL);
  }

  /**
   * The rate of a step.
   *
   * @param step counted from 1
   * @param total steps of all epochs
   */
  double at(long step, long total) {
    double done = total == 1 ? 0 : (step - 1) / (double) (total - 1);
    return first + (last - first) * done;
  }

  private static void requirePositive(String name, double rate) {
    Require.argument(
        rate > 0 && !Double.isInfinite(rate), "%s must be above 0 and finite: %s", name, rate);
  }
}
