package org.adaptivesoftmax.text;

import java.util.ArrayList;
import java.util.List;

/** What a bag-of-n-grams classifier sees of a text: its words, then its pairs of neighbouring words. */
public final class NGrams {
  /** Stands between the words of a pair; {@link Tokenizer} leaves none within a word. */
  public static final String SEPARATOR = " ";

  private NGrams() {}

  /**
   * The n-grams of a text, each as often as it occurs.
   *
   * @param text any text
   * @return its words in order, then its pairs in order
   */
  public static List<String> of(String text) {
    List<String> words = Tokenizer.words(text);
    List<String> ngrams = new ArrayList<>(words);
    for (int i = 1; i < words.size(); i++) {
      ngrams.add(words.get(i - 1) + SEPARATOR + words.get(i));
    }
    return ngrams;
  }
}
