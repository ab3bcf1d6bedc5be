package org.adaptivesoftmax.inference;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.Tokenizer;

/**
 * A corpus in batches of lines of about the same length, so that little is padded, and of a limited number of words, so
 * that memory stays small. Lines without a word are left out.
 */
final class CorpusBatches {
  /** A longer line would take gigabytes, and is no sentence. */
  static final int MAX_LINE_WORDS = 4096;

  /** Positions of a batch: its lines times the length of the longest, with the boundary before it. */
  private static final int BATCH_POSITIONS = 2048;

  /** Words that are gathered and sorted into batches together. */
  private static final int POOL_WORDS = 1 << 17;

  private final Corpus corpus;
  private final int maxWords;
  private final Consumer<List<Line>> action;
  private final List<Line> pool = new ArrayList<>();
  private int pooledWords;
  private long lines;

  /**
   * A line.
   *
   * @param number its place in the corpus, counted from 0, those without a word included
   * @param words as {@link Tokenizer} gives them, at least one
   */
  record Line(long number, String text, List<String> words) {
    private int length() {
      return words.size();
    }
  }

  private CorpusBatches(Corpus corpus, int maxWords, Consumer<List<Line>> action) {
    this.corpus = corpus;
    this.maxWords = maxWords;
    this.action = action;
  }

  /**
   * Passes on every line.
   *
   * @param maxWords of a line
   * @param action takes the lines of each batch
   * @throws IllegalArgumentException if a line has more words
   * @throws IOException if the corpus cannot be read
   */
  static void forEach(Corpus corpus, int maxWords, Consumer<List<String>> action)
      throws IOException {
    forEachNumbered(
        corpus, maxWords, batch -> action.accept(batch.stream().map(Line::text).toList()));
  }

  /** As {@link #forEach}, with each line's number and words. */
  static void forEachNumbered(Corpus corpus, int maxWords, Consumer<List<Line>> action)
      throws IOException {
    CorpusBatches batches = new CorpusBatches(corpus, maxWords, action);
    corpus.forEachLine(batches::add);
    batches.passOn();
  }

  private void add(String text) {
    List<String> words = Tokenizer.words(text);
    if (words.size() > maxWords) {
      throw new IllegalArgumentException(
          "%s: a line has %d words, at most %d can be scored: \"%.40s…\""
              .formatted(corpus.name(), words.size(), maxWords, text));
    }
    if (!words.isEmpty()) {
      pool.add(new Line(lines, text, words));
      pooledWords += words.size();
    }
    lines++;
    if (pooledWords >= POOL_WORDS) {
      passOn();
    }
  }

  private void passOn() {
    pool.sort(Comparator.comparingInt(Line::length));
    List<Line> batch = new ArrayList<>();
    for (Line line : pool) {
      // This line is the longest so far.
      if (!batch.isEmpty() && (batch.size() + 1) * (line.length() + 1) > BATCH_POSITIONS) {
        action.accept(List.copyOf(batch));
        batch.clear();
      }
      batch.add(line);
    }
    if (!batch.isEmpty()) {
      action.accept(List.copyOf(batch));
    }
    pool.clear();
    pooledWords = 0;
  }
}
