package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.util.List;
import org.adaptivesoftmax.cluster.CostModel;
import org.adaptivesoftmax.cluster.CutoffPlanner;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.EncodedCorpus;
import org.adaptivesoftmax.text.Split;
import org.adaptivesoftmax.text.Vocabulary;
import org.adaptivesoftmax.text.WordCounts;
import org.adaptivesoftmax.training.LanguageModelText;
import org.jspecify.annotations.Nullable;

/**
 * A corpus as a language model learns it.
 *
 * @param vocabulary its words, ranked by frequency
 * @param text the corpus as ranks
 */
public record TrainingText(Vocabulary vocabulary, LanguageModelText text) {
  /** Tail widths of 128, 64, 32 and 16: with PyTorch's 4 the last ones are too narrow to learn anything. */
  public static final double DEFAULT_DIV_VALUE = 2;

  /**
   * Reads a corpus.
   *
   * @param maxVocabulary limit of the vocabulary's size, or null
   */
  public static TrainingText read(Corpus corpus, @Nullable Integer maxVocabulary)
      throws IOException {
    System.err.println("reading " + corpus.name());
    Vocabulary.Builder settings = Vocabulary.builder();
    if (maxVocabulary != null) {
      settings.maxSize(maxVocabulary);
    }
    Vocabulary vocabulary = settings.build(WordCounts.of(corpus, Split.TRAIN));
    EncodedCorpus encoded = EncodedCorpus.of(corpus, vocabulary);
    return new TrainingText(
        vocabulary,
        new LanguageModelText(
            encoded.ranks(Split.TRAIN),
            encoded.ranks(Split.VALIDATION),
            vocabulary.boundaryRank()));
  }

  /**
   * The cutoffs of least expected cost.
   *
   * @param hidden width of the LSTM
   * @param rows of a training step
   * @param divValue factor by which tail projections narrow
   */
  public List<Integer> plannedCutoffs(int hidden, int rows, double divValue) {
    return CutoffPlanner.builder(hidden, CostModel.ofBatch(rows))
        .divValue(divValue)
        .build()
        .plan(vocabulary.counts())
        .cutoffs();
  }
}
