package org.adaptivesoftmax.text;

import java.io.IOException;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/** How often each word occurs in a text. Holds the distinct words, not the text. */
public final class WordCounts {
  private final Map<String, Long> counts;
  private final long words;
  private final long lines;

  private WordCounts(Map<String, Long> counts, long words, long lines) {
    this.counts = Collections.unmodifiableMap(counts);
    this.words = words;
    this.lines = lines;
  }

  /**
   * Counts the words of a whole corpus.
   *
   * @param corpus what to count
   * @return the counts
   * @throws TextFileException if the corpus is missing, malformed or without words
   * @throws IOException if it cannot be read
   */
  public static WordCounts of(Corpus corpus) throws IOException {
    return count(corpus, line -> true, corpus.name() + ": no words");
  }

  /**
   * Counts the words of one part of a corpus.
   *
   * @param corpus what to count
   * @param split which part of it
   * @return the counts
   * @throws TextFileException if the corpus is missing, malformed, or without words in this part
   * @throws IOException if it cannot be read
   */
  public static WordCounts of(Corpus corpus, Split split) throws IOException {
    String part = split.name().toLowerCase(Locale.ROOT);
    return count(
        corpus,
        line -> Split.of(line) == split,
        corpus.name() + ": no words in the " + part + " split");
  }

  /** Counts that were made before, of a text with these totals. */
  static WordCounts of(Map<String, Long> counts, CountsAbout.Totals totals) {
    return new WordCounts(counts, totals.tokens(), totals.documents());
  }

  private static WordCounts count(Corpus corpus, Predicate<String> chosen, String nothing)
      throws IOException {
    Map<String, Long> counts = new HashMap<>();
    long[] total = new long[2];
    corpus.forEachLine(
        line -> {
          if (chosen.test(line)) {
            List<String> words = Tokenizer.words(line);
            words.forEach(word -> counts.merge(word, 1L, Long::sum));
            total[0] += words.size();
            total[1] += words.isEmpty() ? 0 : 1;
          }
        });
    if (total[0] == 0) {
      throw new TextFileException(nothing);
    }
    return new WordCounts(counts, total[0], total[1]);
  }

  /** {@return sums over the text} */
  public CountsAbout.Totals totals() {
    return new CountsAbout.Totals(words, counts.size(), lines);
  }

  /** {@return each distinct word and its count, in no order} */
  public Map<String, Long> byWord() {
    return counts;
  }

  /** {@return the number of words, those that the counts leave out included} */
  public long words() {
    return words;
  }

  /** {@return the number of lines that hold a word} */
  public long lines() {
    return lines;
  }
}
