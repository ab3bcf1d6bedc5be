package org.adaptivesoftmax.lifecycle;

import java.io.IOException;
import java.util.Arrays;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.ModelWeights;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.Encoder;
import org.adaptivesoftmax.text.Vocabulary;
import org.adaptivesoftmax.training.LanguageModelReader;

/**
 * Carries what a language model has learned over to another vocabulary, without training: the recurrent part as it is, input rows
 * by {@link NewWordRows}, the output layer by {@link OutputTransfer}.
 */
final class WeightTransfer {
  /** Hidden states that the rows of moved words are fitted to: many more than the widest row has values. */
  private static final int HIDDEN_STATES = 12_800;

  private final ModelWeights older;
  private final Vocabulary olderWords;
  private final Vocabulary newerWords;

  WeightTransfer(ModelWeights older, Vocabulary olderWords, Vocabulary newerWords) {
    this.older = older;
    this.olderWords = olderWords;
    this.newerWords = newerWords;
  }

  /**
   * Makes the new model.
   *
   * @param configuration of the new model: of the same widths and as many clusters of the same widths
   * @param corpus text that hidden states and the company of new words are taken from
   * @throws IllegalArgumentException if the widths differ, or the corpus has no word
   */
  ModelWeights to(LanguageModelConfiguration configuration, Corpus corpus) throws IOException {
    requireSameWidths(configuration.plan());
    float[] hidden = hiddenStates(corpus);
    ModelWeights newer = ModelWeights.initial(configuration);
    newer.copyLstm(older);
    new NewWordRows(older, olderWords, newer, newerWords).fill(corpus);
    new OutputTransfer(
            new OutputRows(older),
            new OutputRows(newer),
            WordOrigins.of(olderWords, newerWords),
            newerWords,
            older,
            hidden)
        .run();
    return newer;
  }

  private void requireSameWidths(ClusterPlan plan) {
    ClusterPlan before = older.configuration().plan();
    Require.argument(
        plan.inFeatures() == before.inFeatures()
            && plan.nTails() == before.nTails()
            && plan.divValue() == before.divValue(),
        "the new plan must have the old one's inFeatures, tail clusters and divValue: %s, not %s",
        plan,
        before);
  }

  private float[] hiddenStates(Corpus corpus) throws IOException {
    int[] words = Encoder.forEvaluation(olderWords).encode(corpus);
    Require.argument(words.length > 0, "%s: no words", corpus.name());
    int width = older.configuration().hidden();
    int most = Math.max(HIDDEN_STATES, 20 * width);
    float[][] parts = {new float[0]};
    try (LanguageModelReader reader = new LanguageModelReader(older, olderWords.boundaryRank())) {
      reader.forEach(
          words,
          most,
          (rows, targets) -> {
            int length = parts[0].length;
            parts[0] = Arrays.copyOf(parts[0], length + rows.length);
            System.arraycopy(rows, 0, parts[0], length, rows.length);
          });
    }
    return parts[0];
  }
}
