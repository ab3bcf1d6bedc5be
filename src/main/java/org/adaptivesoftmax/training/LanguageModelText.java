package org.adaptivesoftmax.training;

import java.util.Arrays;
import org.adaptivesoftmax.internal.io.Require;

/**
 * What a language model is trained on: word ids, ranked by frequency.
 *
 * @param train the text to learn
 * @param validation the text that perplexity is reported for
 * @param boundary the word that ends each sentence, and precedes the first
 */
@SuppressWarnings("ArrayRecordComponent") // Millions of ids, handed over, never compared.
public record LanguageModelText(int[] train, int[] validation, int boundary) {
  /**
   * Checks that every id is a word.
   *
   * @throws IllegalArgumentException if one is not in 0..vocabulary−1
   */
  void requireWithin(int vocabulary) {
    requireWithin("train", train, vocabulary);
    requireWithin("validation", validation, vocabulary);
    requireWithin("boundary", new int[] {boundary}, vocabulary);
  }

  private static void requireWithin(String name, int[] words, int vocabulary) {
    for (int word : words) {
      Require.argument(
          word >= 0 && word < vocabulary,
          "%s holds word %d, the vocabulary is 0..%d",
          name,
          word,
          vocabulary - 1);
    }
  }

  /** A number that changes with the training text. */
  int fingerprint() {
    return Arrays.hashCode(train);
  }
}
