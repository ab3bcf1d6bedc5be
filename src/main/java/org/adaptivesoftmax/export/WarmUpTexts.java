package org.adaptivesoftmax.export;

import java.util.ArrayList;
import java.util.List;

/**
 * Texts for warm-up requests: a batch of one and a batch of several, of several lengths and an empty one among them, with
 * words from the most frequent to the rarest, so that every cluster is computed once.
 */
final class WarmUpTexts {
  private static final int[][] WORDS_OF_TEXTS = {{8}, {0, 1, 3, 16}};

  private WarmUpTexts() {}

  /**
   * The batches.
   *
   * @param words by rank, at least one; a word may be of several words itself, as a pair is
   */
  static List<String[]> batches(List<String> words) {
    List<String[]> batches = new ArrayList<>();
    for (int[] lengths : WORDS_OF_TEXTS) {
      String[] texts = new String[lengths.length];
      for (int i = 0; i < lengths.length; i++) {
        texts[i] = text(words, lengths[i]);
      }
      batches.add(texts);
    }
    return batches;
  }

  /** Words at equal distances of rank. */
  private static String text(List<String> words, int length) {
    List<String> chosen = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      long rank = length == 1 ? 0 : (long) i * (words.size() - 1) / (length - 1);
      chosen.add(words.get((int) rank));
    }
    return String.join(" ", chosen);
  }
}
