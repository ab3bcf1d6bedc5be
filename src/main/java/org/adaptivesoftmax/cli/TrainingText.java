package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.CostModel;
import org.adaptivesoftmax.cluster.CutoffPlanner;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.CountsAbout;
import org.adaptivesoftmax.text.EncodedCorpus;
import org.adaptivesoftmax.text.Split;
import org.adaptivesoftmax.text.Tokenizer;
import org.adaptivesoftmax.text.Vocabulary;
import org.adaptivesoftmax.text.WordCounts;
import org.adaptivesoftmax.training.LanguageModelText;
import org.jspecify.annotations.Nullable;

/**
 * A corpus as a language model learns it.
 *
 * @param vocabulary its words, ranked by frequency
 * @param text the corpus as ranks
 * @param counted what the vocabulary was made from: the train part of the corpus
 */
public record TrainingText(Vocabulary vocabulary, LanguageModelText text, CountsAbout counted) {
  /** PyTorch's 4 makes the last clusters of a small network too narrow to learn anything. */
  private static final double DEFAULT_DIV_VALUE = 2;

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
    WordCounts counts = WordCounts.of(corpus, Split.TRAIN);
    Vocabulary vocabulary = settings.build(counts);
    EncodedCorpus encoded = EncodedCorpus.of(corpus, vocabulary);
    return new TrainingText(
        vocabulary,
        new LanguageModelText(
            encoded.ranks(Split.TRAIN), encoded.ranks(Split.VALIDATION), vocabulary.boundaryRank()),
        new CountsAbout(
            counts.totals(),
            0,
            Tokenizer.ID,
            corpus.sources(),
            LocalDate.now(ZoneOffset.UTC),
            List.of()));
  }

  /**
   * How the vocabulary is divided: at the given cutoffs, or as {@link CutoffPlanner} chooses.
   *
   * @param hidden width of the LSTM
   * @param rows of a training step
   * @param cutoffs ranks, or none to have them chosen
   * @param divValue factor by which tail projections narrow, or null: chosen with the cutoffs, or 2 with given ones
   */
  public ClusterPlan plan(int hidden, int rows, List<Integer> cutoffs, @Nullable Double divValue) {
    if (!cutoffs.isEmpty()) {
      double narrowing = divValue == null ? DEFAULT_DIV_VALUE : divValue;
      return new ClusterPlan(hidden, vocabulary.size(), cutoffs, narrowing);
    }
    CutoffPlanner.Builder planner = CutoffPlanner.builder(hidden, CostModel.ofBatch(rows));
    if (divValue != null) {
      int widest = Math.max(1, (int) (hidden / divValue));
      planner.divValue(divValue).minWidth(Math.min(widest, CutoffPlanner.DEFAULT_MIN_WIDTH));
    }
    return planner.build().plan(vocabulary.counts());
  }
}
