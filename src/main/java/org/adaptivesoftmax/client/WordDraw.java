package org.adaptivesoftmax.client;

import org.adaptivesoftmax.internal.io.Require;

/**
 * A next word to be drawn by chance.
 *
 * @param text the beginning of a sentence, perhaps empty
 * @param seed of this draw: the same text, temperature and seed give the same word, whatever is asked for beside it
 * @param temperature τ, above 0 and finite; words are drawn with probability proportional to p<sup>1/τ</sup>: 1 draws from
 *     the model's distribution, less favours probable words
 */
public record WordDraw(String text, long seed, float temperature) {
  /**
   * Checks the temperature.
   *
   * @throws IllegalArgumentException if the temperature is not above 0 and finite
   */
  public WordDraw {
    Require.argument(
        temperature > 0 && Float.isFinite(temperature),
        "temperature must be above 0 and finite: %s",
        temperature);
  }

  /** A draw from the model's own distribution. */
  public WordDraw(String text, long seed) {
    this(text, seed, 1);
  }
}
