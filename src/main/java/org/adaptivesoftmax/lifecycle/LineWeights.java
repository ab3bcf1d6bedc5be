package org.adaptivesoftmax.lifecycle;

import java.util.SplittableRandom;

/**
 * How often each line of a text stands in each replicate of a bootstrap: a Poisson count of mean 1, which depends on the seed and
 * the line's number alone (the Poisson bootstrap; Chamandy, Muralidharan, Najmi and Naidu, "Estimating Uncertainty for Massive
 * Data Streams", Google, 2012). So a text of any length is resampled while it is read, in any order, and two models that read
 * the same text meet the same replicates.
 */
final class LineWeights {
  /** P(count ≤ i) of a Poisson count of mean 1, up to where doubles of 32 bits end. */
  private static final double[] CUMULATIVE = cumulative();

  private final int replicates;
  private final long seed;

  LineWeights(int replicates, long seed) {
    this.replicates = replicates;
    this.seed = seed;
  }

  private static double[] cumulative() {
    double[] cumulative = new double[13];
    double probability = Math.exp(-1);
    double sum = 0;
    for (int count = 0; count < cumulative.length; count++) {
      sum += probability;
      cumulative[count] = sum;
      probability /= count + 1;
    }
    return cumulative;
  }

  int replicates() {
    return replicates;
  }

  /** The weights of a line, [1 + replicates]: first 1, the text itself. */
  double[] of(long line) {
    SplittableRandom random = new SplittableRandom(seed * 0x5851F42D4C957F2DL + line);
    double[] weights = new double[1 + replicates];
    weights[0] = 1;
    for (int replicate = 1; replicate <= replicates; replicate++) {
      double uniform = random.nextDouble();
      int count = 0;
      while (count < CUMULATIVE.length && uniform >= CUMULATIVE[count]) {
        count++;
      }
      weights[replicate] = count;
    }
    return weights;
  }
}
