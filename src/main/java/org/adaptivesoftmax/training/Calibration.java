package org.adaptivesoftmax.training;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import org.adaptivesoftmax.internal.io.Require;

/**
 * How far a classifier's confidence is from its accuracy, before and after temperature scaling (Guo et al., 2017, "On
 * Calibration of Modern Neural Networks", arXiv 1706.04599). All logits are divided by one temperature T, the one that makes the
 * labels of the validation examples most probable; no answer changes, only how sure it is. With p the highest probability of
 * each of n examples,
 *
 * <pre>
 * expected calibration error = Σ over 15 bins of p, of equal width: |Σ in the bin (p − [right])| / n
 * </pre>
 *
 * @param error before, on the test examples, in [0, 1]
 * @param temperature found on the validation examples, above 1 for a classifier that is too sure of itself
 * @param scaledError after, on the test examples, in [0, 1]
 */
public record Calibration(double error, double temperature, double scaledError) {
  private static final int BINS = 15;
  private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;
  private static final double WIDEST = 5;
  private static final int STEPS = 50;

  /**
   * What a classifier says of examples, at least one.
   *
   * @param logProbs of every class, finite, [examples][classes]; logits do as well
   * @param classOf the class of an example, by its number
   */
  @SuppressWarnings("ArrayRecordComponent") // Read once, never compared.
  public record Scores(float[][] logProbs, IntUnaryOperator classOf) {
    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if there are no examples, a row is longer or shorter than the first, or a class is none
     *     of its row
     */
    public Scores {
      Require.argument(logProbs.length > 0, "logProbs must not be empty");
      for (int i = 0; i < logProbs.length; i++) {
        Require.argument(
            logProbs[i].length == logProbs[0].length,
            "rows of logProbs must be of one length: %d and %d",
            logProbs[0].length,
            logProbs[i].length);
        int label = classOf.applyAsInt(i);
        Require.argument(
            label >= 0 && label < logProbs[i].length,
            "classOf must be in 0..%d: %d",
            logProbs[i].length - 1,
            label);
      }
    }

    /** Mean negative log-probability of the labels in nats, every logit divided by a temperature. */
    public double loss(double temperature) {
      double sum = 0;
      for (int i = 0; i < logProbs.length; i++) {
        double label = logProbs[i][classOf.applyAsInt(i)];
        double best = logProbs[i][best(i)];
        sum += Math.log1p(others(i, temperature)) + (best - label) / temperature;
      }
      return sum / logProbs.length;
    }

    /** Expected calibration error, every logit divided by a temperature. */
    public double error(double temperature) {
      double[] surplus = new double[BINS];
      for (int i = 0; i < logProbs.length; i++) {
        double p = 1 / (1 + others(i, temperature));
        int bin = Math.min(BINS - 1, (int) (p * BINS));
        surplus[bin] += p - (best(i) == classOf.applyAsInt(i) ? 1 : 0);
      }
      return Arrays.stream(surplus).map(Math::abs).sum() / logProbs.length;
    }

    /** The sum of a row's exponentials, the largest being 1, without that one: 1 and a little would round to 1. */
    private double others(int row, double temperature) {
      int best = best(row);
      double highest = logProbs[row][best];
      double sum = 0;
      for (int i = 0; i < logProbs[row].length; i++) {
        sum += i == best ? 0 : Math.exp((logProbs[row][i] - highest) / temperature);
      }
      return sum;
    }

    private int best(int row) {
      int best = 0;
      for (int i = 1; i < logProbs[row].length; i++) {
        best = logProbs[row][i] > logProbs[row][best] ? i : best;
      }
      return best;
    }
  }

  /**
   * Finds the temperature on validation examples, and measures on test examples what it is worth.
   *
   * @param validation what the temperature is chosen by
   * @param test what is measured
   */
  public static Calibration of(Scores validation, Scores test) {
    double temperature = temperature(validation);
    return new Calibration(test.error(1), temperature, test.error(temperature));
  }

  /**
   * The temperature with the lowest loss, within e^±5. The loss is convex in 1 / T, and so has one minimum: it is found by
   * golden-section search on a logarithmic scale, to 1e-9 of itself or as near as the loss's rounding lets it be told.
   *
   * @param validation examples that the classifier has not learned from
   */
  public static double temperature(Scores validation) {
    double low = -WIDEST;
    double high = WIDEST;
    for (int i = 0; i < STEPS; i++) {
      double a = high - GOLDEN * (high - low);
      double b = low + GOLDEN * (high - low);
      if (validation.loss(Math.exp(a)) < validation.loss(Math.exp(b))) {
        high = b;
      } else {
        low = a;
      }
    }
    return Math.exp((low + high) / 2);
  }
}
