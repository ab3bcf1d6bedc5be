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
  private final Consumer<List<String>> action;
  private final List<Line> pool = new ArrayList<>();
  private int pooledWords;

  private record Line(String text, int words) {}

  private CorpusBatches(Corpus corpus, Consumer<List<String>> action) {
    this.corpus = corpus;
    this.action = action;
  }

  /**
   * Passes on every line.
   *
   * @param action takes the lines of each batch
   * @throws IllegalArgumentException if a line has more than {@link #MAX_LINE_WORDS} words
   * @throws IOException if the corpus cannot be read
   */
  static void forEach(Corpus corpus, Consumer<List<String>> action) throws IOException {
    CorpusBatches batches = new CorpusBatches(corpus, action);
    corpus.forEachLine(batches::add);
    batches.passOn();
  }

  private void add(String text) {
    int words = Tokenizer.words(text).size();
    if (words > MAX_LINE_WORDS) {
      throw new IllegalArgumentException(
          "%s: a line has %d words, at most %d can be scored: \"%.40s…\""
              .formatted(corpus.name(), words, MAX_LINE_WORDS, text));
    }
    if (words > 0) {
      pool.add(new Line(text, words));
      pooledWords += words;
    }
    if (pooledWords >= POOL_WORDS) {
      passOn();
    }
  }

  private void passOn() {
    pool.sort(Comparator.comparingInt(Line::words));
    List<String> batch = new ArrayList<>();
    for (Line line : pool) {
      // This line is the longest so far.
      if (!batch.isEmpty() && (batch.size() + 1) * (line.words + 1) > BATCH_POSITIONS) {
        action.accept(List.copyOf(batch));
        batch.clear();
      }
      batch.add(line.text);
    }
    if (!batch.isEmpty()) {
      action.accept(List.copyOf(batch));
    }
    pool.clear();
    pooledWords = 0;
  }
}
