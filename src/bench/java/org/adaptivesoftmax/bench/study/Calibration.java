package org.adaptivesoftmax.bench.study;

import java.util.function.IntUnaryOperator;

/**
 * How far a classifier's confidence is from its accuracy (Guo et al., 2017): the expected calibration error over 15 bins of
 * the highest probability, of equal width, before and after all logits are divided by one temperature, which is the one that
 * makes the validation examples' labels most probable.
 *
 * @param error before, in [0, 1]
 * @param temperature found on the validation examples
 * @param scaledError after it, in [0, 1]
 */
record Calibration(double error, double temperature, double scaledError) {
  private static final int BINS = 15;
  private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;
  private static final double WIDEST = 3;
  private static final int STEPS = 40;

  /**
   * What a classifier says of examples.
   *
   * @param logProbs [examples][classes]
   * @param classOf the class of an example
   */
  @SuppressWarnings("ArrayRecordComponent") // Read once, never compared.
  record Scores(float[][] logProbs, IntUnaryOperator classOf) {
    /** Mean negative log-probability of the labels, every logit divided by a temperature. */
    double loss(double temperature) {
      double sum = 0;
      for (int i = 0; i < logProbs.length; i++) {
        double total = 0;
        for (float value : logProbs[i]) {
          total += Math.exp(value / temperature);
        }
        sum += Math.log(total) - logProbs[i][classOf.applyAsInt(i)] / temperature;
      }
      return sum / logProbs.length;
    }

    double error(double temperature) {
      double[] confidence = new double[BINS];
      double[] right = new double[BINS];
      for (int i = 0; i < logProbs.length; i++) {
        double total = 0;
        int best = 0;
        for (int c = 0; c < logProbs[i].length; c++) {
          total += Math.exp(logProbs[i][c] / temperature);
          best = logProbs[i][c] > logProbs[i][best] ? c : best;
        }
        double p = Math.exp(logProbs[i][best] / temperature) / total;
        int bin = Math.min(BINS - 1, (int) (p * BINS));
        confidence[bin] += p;
        right[bin] += best == classOf.applyAsInt(i) ? 1 : 0;
      }
      double error = 0;
      for (int bin = 0; bin < BINS; bin++) {
        error += Math.abs(confidence[bin] - right[bin]);
      }
      return error / logProbs.length;
    }
  }

  static Calibration of(Scores validation, Scores test) {
    double temperature = temperature(validation);
    return new Calibration(test.error(1), temperature, test.error(temperature));
  }

  /** The loss has one minimum in the inverse temperature: golden-section search for it, on a logarithmic scale. */
  private static double temperature(Scores validation) {
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
