package org.adaptivesoftmax.inference;

import org.adaptivesoftmax.internal.io.Require;

/**
 * How the most probable continuations of a text are searched.
 *
 * @param width how many continuations are pursued side by side and given in the end, 4 by default. The wider, the more
 *     probable continuations are found; one as wide as there are continuations finds the best of all.
 * @param lengthPenalty α of the score log p / ((5 + length) / 6)<sup>α</sup> (Wu et al., "Google's neural machine
 *     translation system", 2016), at least 0, where the length counts words and the sentence's end. 0 compares probabilities
 *     alone, which favours short continuations; 0.6 by default.
 * @param maxWords where a continuation stops that did not end before, 30 by default
 */
public record BeamOptions(int width, double lengthPenalty, int maxWords) {
  private static final BeamOptions DEFAULTS = new BeamOptions(4, 0.6, 30);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if width or maxWords is below 1, or the length penalty is negative or not finite
   */
  public BeamOptions {
    Require.argument(width >= 1, "width must be at least 1: %s", width);
    Require.argument(
        lengthPenalty >= 0 && Double.isFinite(lengthPenalty),
        "lengthPenalty must be at least 0 and finite: %s",
        lengthPenalty);
    Require.argument(maxWords >= 1, "maxWords must be at least 1: %s", maxWords);
  }

  /** {@return four continuations, penalty 0.6, up to 30 words} */
  public static BeamOptions defaults() {
    return DEFAULTS;
  }

  /**
   * These options with another width.
   *
   * @param continuations at least 1
   * @return the options
   */
  public BeamOptions width(int continuations) {
    return new BeamOptions(continuations, lengthPenalty, maxWords);
  }

  /**
   * These options with another length penalty.
   *
   * @param alpha at least 0
   * @return the options
   */
  public BeamOptions lengthPenalty(double alpha) {
    return new BeamOptions(width, alpha, maxWords);
  }

  /**
   * These options with another longest continuation.
   *
   * @param words at least 1
   * @return the options
   */
  public BeamOptions maxWords(int words) {
    return new BeamOptions(width, lengthPenalty, words);
  }

  /** The score of a continuation. */
  double score(double logProb, int length) {
    return logProb / Math.pow((5.0 + length) / 6.0, lengthPenalty);
  }
}
