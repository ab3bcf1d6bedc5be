package org.adaptivesoftmax.lifecycle;

import java.io.IOException;
import java.util.stream.IntStream;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.CostModel;
import org.adaptivesoftmax.cluster.CutoffPlanner;
import org.adaptivesoftmax.cluster.StabilityRule;
import org.adaptivesoftmax.cluster.StablePlan;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.text.CountsAbout;
import org.adaptivesoftmax.text.CountsDirectory;
import org.adaptivesoftmax.text.Tokenizer;
import org.adaptivesoftmax.text.Vocabulary;
import org.adaptivesoftmax.text.WordCounts;
import org.jspecify.annotations.Nullable;

/**
 * The words of a model's next version: as many clusters as before, as wide as before.
 *
 * @param model the version before
 * @param maxSize how many of the most frequent words are kept; null for all
 * @param stability which words keep their cluster although their counts have changed; null ranks every word anew
 */
record RenewedVocabulary(
    PublishedLanguageModel model, @Nullable Integer maxSize, @Nullable StabilityRule stability) {
  /** Rows of a training step, by which a plan's cost is reckoned: those of {@code train}. */
  private static final int ROWS = 640;

  /**
   * Today's words in the order and the clusters of the new model.
   *
   * @throws IllegalArgumentException if the counts are of another tokenizer, of fewer than two tokens, or too few for the old
   *     model's tail clusters
   */
  ClusteredVocabulary of(CountsDirectory counts) throws IOException {
    Vocabulary words = words(counts);
    ClusterPlan old = model.configuration().plan();
    if (old.nTails() == 0) {
      return new ClusteredVocabulary(words, ClusterPlan.headAlone(old.inFeatures(), words.size()));
    }
    CostModel costs = CostModel.ofBatch(ROWS);
    int narrowest = old.tailWidth(old.nTails() - 1);
    ClusterPlan fresh =
        CutoffPlanner.builder(old.inFeatures(), costs)
            .divValue(old.divValue())
            .tails(old.nTails())
            .minWidth(Math.min(narrowest, CutoffPlanner.DEFAULT_MIN_WIDTH))
            .build()
            .plan(words.counts());
    if (stability == null) {
      return new ClusteredVocabulary(words, fresh);
    }
    StablePlan stable = ClusteredVocabulary.of(model).renew(words, fresh, stability, costs);
    int[] order =
        IntStream.range(0, words.size()).map(rank -> (int) stable.order().label(rank)).toArray();
    return new ClusteredVocabulary(words.inOrder(order), stable.plan());
  }

  private Vocabulary words(CountsDirectory counts) throws IOException {
    Vocabulary.Builder settings = Vocabulary.builder();
    if (maxSize != null) {
      settings.maxSize(maxSize);
    }
    CountsAbout about = counts.about();
    Require.argument(
        about.tokenizer().equals(Tokenizer.ID),
        "counts must be of the tokenizer %s: %s has those of %s",
        Tokenizer.ID,
        counts.path(),
        about.tokenizer());
    WordCounts words = counts.readWords();
    Require.argument(
        words.byWord().size() > 1,
        "counts must hold more than one token: %s has %s",
        counts.path(),
        words.byWord().keySet());
    return settings.build(words);
  }
}
