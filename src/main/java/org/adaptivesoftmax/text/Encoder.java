package org.adaptivesoftmax.text;

import java.io.IOException;

/** Turns lines of text into ranks: the words of the line, then {@link Vocabulary#BOUNDARY}. */
public final class Encoder {
  private final Vocabulary vocabulary;
  private final boolean training;

  private Encoder(Vocabulary vocabulary, boolean training) {
    this.vocabulary = vocabulary;
    this.training = training;
  }

  /**
   * For the text that the vocabulary was made from: a word of count 0 becomes {@link Vocabulary#UNKNOWN}, so that it is
   * trained ({@link Vocabulary} says why).
   *
   * @param vocabulary made from the text
   * @return the encoder
   * @throws IllegalArgumentException if the vocabulary has no counts
   */
  public static Encoder forTraining(Vocabulary vocabulary) {
    if (!vocabulary.hasCounts()) {
      throw new IllegalArgumentException("training needs a vocabulary with counts: " + vocabulary);
    }
    return new Encoder(vocabulary, true);
  }

  /**
   * For every other text: only words outside the vocabulary become {@link Vocabulary#UNKNOWN}.
   *
   * @param vocabulary with or without counts
   * @return the encoder
   */
  public static Encoder forEvaluation(Vocabulary vocabulary) {
    return new Encoder(vocabulary, false);
  }

  /**
   * Encodes a line.
   *
   * @param line a text, with or without words
   * @return the ranks; none, not even the boundary, if the line holds no word
   */
  public int[] encode(String line) {
    RankList ranks = new RankList();
    appendTo(ranks, line);
    return ranks.toArray();
  }

  /**
   * Encodes all lines of a corpus, one after the other.
   *
   * @param corpus what to encode
   * @return the ranks
   * @throws TextFileException if the corpus is missing or malformed
   * @throws IOException if it cannot be read
   * @throws IllegalStateException if it has more words than an array can hold, about 2 billion
   */
  public int[] encode(Corpus corpus) throws IOException {
    RankList ranks = new RankList();
    corpus.forEachLine(line -> appendTo(ranks, line));
    return ranks.toArray();
  }

  void appendTo(RankList ranks, String line) {
    int before = ranks.size();
    for (String word : Tokenizer.words(line)) {
      ranks.add(rank(word));
    }
    if (ranks.size() > before) {
      ranks.add(vocabulary.boundaryRank());
    }
  }

  private int rank(String word) {
    int rank = vocabulary.rank(word);
    return training && vocabulary.count(rank) == 0 ? vocabulary.unknownRank() : rank;
  }
}
