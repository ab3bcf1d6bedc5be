package org.adaptivesoftmax.text;

import java.io.IOException;

/** A corpus as ranks, each {@link Split} one array: the words of each line, then {@link Vocabulary#BOUNDARY}. */
public final class EncodedCorpus {
  private final RankList train = new RankList();
  private final RankList validation = new RankList();
  private final RankList test = new RankList();

  private EncodedCorpus() {}

  /**
   * Reads a corpus once and encodes all its parts: the train split with {@link Encoder#forTraining}, the others with
   * {@link Encoder#forEvaluation}.
   *
   * @param corpus what to encode
   * @param vocabulary made from the train split of the same corpus
   * @return the ranks of all splits
   * @throws IllegalArgumentException if the vocabulary has no counts
   * @throws TextFileException if the corpus is missing or malformed
   * @throws IOException if it cannot be read
   */
  public static EncodedCorpus of(Corpus corpus, Vocabulary vocabulary) throws IOException {
    Encoder training = Encoder.forTraining(vocabulary);
    Encoder evaluation = Encoder.forEvaluation(vocabulary);
    EncodedCorpus encoded = new EncodedCorpus();
    corpus.forEachLine(
        line -> {
          Split split = Split.of(line);
          Encoder encoder = split == Split.TRAIN ? training : evaluation;
          encoder.appendTo(encoded.list(split), line);
        });
    return encoded;
  }

  /**
   * The ranks of one part, in the order of the corpus.
   *
   * @param split which part
   * @return a copy
   */
  public int[] ranks(Split split) {
    return list(split).toArray();
  }

  private RankList list(Split split) {
    return switch (split) {
      case TRAIN -> train;
      case VALIDATION -> validation;
      case TEST -> test;
    };
  }
}
