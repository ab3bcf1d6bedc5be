package org.adaptivesoftmax.lifecycle;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.adaptivesoftmax.model.ModelWeights;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.Tokenizer;
import org.adaptivesoftmax.text.Vocabulary;

/**
 * The input rows of a re-bucketed model: a word that stays keeps its row; a new word gets the mean of the rows of the words that
 * it occurs with, up to two places before and after it; one that the corpus does not have, or that stands alone, gets the unknown
 * word's.
 */
final class NewWordRows {
  private static final int REACH = 2;

  private final ModelWeights older;
  private final ModelWeights newer;
  private final Vocabulary olderWords;
  private final Vocabulary newerWords;
  private final int width;

  NewWordRows(
      ModelWeights older, Vocabulary olderWords, ModelWeights newer, Vocabulary newerWords) {
    this.older = older;
    this.newer = newer;
    this.olderWords = olderWords;
    this.newerWords = newerWords;
    width = older.configuration().embedding();
  }

  void fill(Corpus corpus) throws IOException {
    float[] rows = newer.embedding();
    Arrays.fill(rows, 0);
    int[] met = new int[newerWords.size()];
    corpus.forEachLine(line -> add(Tokenizer.words(line), met));
    for (int rank = 0; rank < newerWords.size(); rank++) {
      if (!isNew(newerWords.word(rank)) || met[rank] == 0) {
        int old = olderWords.rank(newerWords.word(rank));
        System.arraycopy(older.embedding(), old * width, rows, rank * width, width);
      } else {
        for (int i = 0; i < width; i++) {
          rows[rank * width + i] /= met[rank];
        }
      }
    }
  }

  private boolean isNew(String word) {
    return !olderWords.contains(word);
  }

  /** Adds the rows of the words around each new word of a line. */
  private void add(List<String> words, int[] met) {
    for (int place = 0; place < words.size(); place++) {
      if (isNew(words.get(place)) && newerWords.contains(words.get(place))) {
        int rank = newerWords.rank(words.get(place));
        for (int near = place - REACH; near <= place + REACH; near++) {
          if (near >= 0 && near < words.size() && olderWords.contains(words.get(near))) {
            add(olderWords.rank(words.get(near)), rank);
            met[rank]++;
          }
        }
      }
    }
  }

  private void add(int oldRank, int rank) {
    float[] rows = newer.embedding();
    for (int i = 0; i < width; i++) {
      rows[rank * width + i] += older.embedding()[oldRank * width + i];
    }
  }
}
