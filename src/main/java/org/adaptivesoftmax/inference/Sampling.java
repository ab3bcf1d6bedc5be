package org.adaptivesoftmax.inference;

import java.util.SplittableRandom;
import org.adaptivesoftmax.internal.io.Require;

/**
 * How texts are continued by chance.
 *
 * @param count number of continuations, 1 by default
 * @param temperature τ; a word is drawn with probability proportional to p<sup>1/τ</sup>: 1, the default, draws from the
 *     model's distribution, less favours probable words
 * @param seed of every draw, 0 by default
 * @param maxWords where a continuation stops that did not end before, 30 by default
 */
public record Sampling(int count, double temperature, long seed, int maxWords) {
  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if count or maxWords is below 1, or the temperature is not above 0 and finite
   */
  public Sampling {
    Require.argument(count >= 1, "count must be at least 1: %s", count);
    Require.argument(
        temperature > 0 && !Double.isInfinite(temperature),
        "temperature must be above 0 and finite: %s",
        temperature);
    Require.argument(maxWords >= 1, "maxWords must be at least 1: %s", maxWords);
  }

  /** {@return settings, each with a default} */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Draws a class.
   *
   * @param logProbs of all classes
   * @param excluded the class that is never drawn
   */
  int draw(float[] logProbs, int excluded, SplittableRandom random) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < logProbs.length; i++) {
      max = i == excluded ? max : Math.max(max, logProbs[i]);
    }
    double[] weights = new double[logProbs.length];
    double total = 0;
    for (int i = 0; i < logProbs.length; i++) {
      weights[i] = i == excluded ? 0 : Math.exp((logProbs[i] - max) / temperature);
      total += weights[i];
    }
    double left = random.nextDouble() * total;
    int drawn = -1;
    for (int i = 0; i < weights.length && left >= 0; i++) {
      // Should rounding leave something over in the end, it falls to the last possible class.
      drawn = weights[i] > 0 ? i : drawn;
      left -= weights[i];
    }
    return drawn;
  }

  /** Collects the values of a {@link Sampling}. */
  public static final class Builder {
    private int count = 1;
    private double temperature = 1;
    private long seed;
    private int maxWords = 30;

    private Builder() {}

    /** Number of continuations; 1 by default. */
    public Builder count(int continuations) {
      this.count = continuations;
      return this;
    }

    /** Above 0; 1, the default, draws from the model's distribution, less favours probable words. */
    public Builder temperature(double value) {
      this.temperature = value;
      return this;
    }

    /** Seed of every draw; 0 by default. */
    public Builder seed(long value) {
      this.seed = value;
      return this;
    }

    /** Where a continuation stops that did not end before; 30 words by default. */
    public Builder maxWords(int words) {
      this.maxWords = words;
      return this;
    }

    /**
     * The settings.
     *
     * @throws IllegalArgumentException if a value is out of its range
     */
    public Sampling build() {
      return new Sampling(count, temperature, seed, maxWords);
    }
  }
}
