package org.adaptivesoftmax.assoftmax;

import java.util.Arrays;
import org.adaptivesoftmax.internal.io.Require;

/**
 * Guesses which examples are unfinished, for {@link SpeculativeSkipping}: those whose target led by no more than a threshold
 * when they were last seen.
 *
 * <p>The threshold follows the cost of recent steps. With u the share of unfinished rows among examples with some margin, to
 * guess them unfinished costs 3 forward passes each, to guess them finished 1 + 3u. Every step tells u for every margin,
 * whatever was guessed: of all thresholds the one is taken that would have been the cheapest for the rows seen lately, where
 * the latest count most. The two ends among them are the plain step and {@link RowSkipping}. An example of which nothing is
 * known is guessed unfinished unless more than a third of such examples were finished lately.
 *
 * <p>A function of the margins alone, and not of any time measured, so that a training is repeatable.
 *
 * <p>Not thread-safe: it belongs to one training loop.
 */
public final class RowForecast {
  private static final int BINS = 64;
  private static final double FORWARD = 1;
  private static final double FORWARD_AND_BACKWARD = 3;

  /** Rows after which an observation counts 1/e. */
  private static final double MEMORY = 2_000;

  /** By how much each example's target led; NaN where that is unknown. */
  private final float[] margins;

  /** Rows seen by their margin before, and those of them that were unfinished; the last bin is of unknown margins. */
  private final double[] rows = new double[BINS + 1];

  private final double[] unfinished = new double[BINS + 1];

  /**
   * A forecast that knows nothing yet.
   *
   * @param examples number of examples
   * @throws IllegalArgumentException if it is negative
   */
  public RowForecast(int examples) {
    Require.argument(examples >= 0, "examples must be at least 0: %s", examples);
    margins = new float[examples];
    Arrays.fill(margins, Float.NaN);
  }

  /**
   * The margin up to which an example is guessed unfinished: from −1, for none, to 1, for all.
   *
   * @param delta AS-Softmax's δ
   */
  public double threshold(double delta) {
    return lower(cheapest(delta));
  }

  /**
   * Guesses.
   *
   * @param examples of a batch, each in 0..examples − 1
   * @param delta AS-Softmax's δ in this step
   * @return whether each is taken to be unfinished
   */
  public boolean[] guess(int[] examples, double delta) {
    int bins = cheapest(delta);
    boolean unknown =
        FORWARD_AND_BACKWARD * rows[BINS]
            <= FORWARD * rows[BINS] + FORWARD_AND_BACKWARD * unfinished[BINS];
    boolean[] guessed = new boolean[examples.length];
    for (int i = 0; i < guessed.length; i++) {
      int bin = bin(margins[examples[i]]);
      guessed[i] = bin == BINS ? unknown : bin < bins;
    }
    return guessed;
  }

  /**
   * Learns from a step.
   *
   * @param examples of its batch
   * @param found {@link SpeculativeLoss#margins} of each
   * @param delta AS-Softmax's δ in this step
   */
  public void learn(int[] examples, float[] found, double delta) {
    double kept = Math.exp(-examples.length / MEMORY);
    for (int bin = 0; bin <= BINS; bin++) {
      rows[bin] *= kept;
      unfinished[bin] *= kept;
    }
    for (int i = 0; i < examples.length; i++) {
      int bin = bin(margins[examples[i]]);
      rows[bin]++;
      unfinished[bin] += found[i] > delta ? 0 : 1;
      margins[examples[i]] = found[i];
    }
  }

  /** How many bins, from the lowest margin on, are guessed unfinished. */
  private int cheapest(double delta) {
    double cost = 0;
    double best = 0;
    int bins = 0;
    for (int bin = 0; bin < BINS; bin++) {
      // One row as if seen in each: before anything is known, examples stay as they were.
      double straight = FORWARD_AND_BACKWARD * (rows[bin] + 1);
      double open = unfinished[bin] + (lower(bin) < delta ? 1 : 0);
      cost += straight - FORWARD * (rows[bin] + 1) - FORWARD_AND_BACKWARD * open;
      if (cost < best) {
        best = cost;
        bins = bin + 1;
      }
    }
    return bins;
  }

  private static int bin(float margin) {
    return Float.isNaN(margin)
        ? BINS
        : Math.max(0, Math.min(BINS - 1, (int) ((margin + 1) / 2 * BINS)));
  }

  /** The lowest margin of a bin. */
  private static double lower(int bin) {
    return 2.0 * bin / BINS - 1;
  }

  /** Everything that is known, to be kept with a checkpoint. */
  public float[] state() {
    float[] state = Arrays.copyOf(margins, stateSize(margins.length));
    for (int bin = 0; bin <= BINS; bin++) {
      state[margins.length + bin] = (float) rows[bin];
      state[margins.length + BINS + 1 + bin] = (float) unfinished[bin];
    }
    return state;
  }

  /**
   * The number of values of a state.
   *
   * @param examples number of examples
   */
  public static int stateSize(int examples) {
    return examples + 2 * (BINS + 1);
  }

  /**
   * Goes back to what was known.
   *
   * @param state of as many examples
   * @throws IllegalArgumentException if it is of another number of examples
   */
  public void restore(float[] state) {
    Require.argument(
        state.length == stateSize(margins.length),
        "state must have %d values: %d",
        stateSize(margins.length),
        state.length);
    System.arraycopy(state, 0, margins, 0, margins.length);
    for (int bin = 0; bin <= BINS; bin++) {
      rows[bin] = state[margins.length + bin];
      unfinished[bin] = state[margins.length + BINS + 1 + bin];
    }
  }
}
