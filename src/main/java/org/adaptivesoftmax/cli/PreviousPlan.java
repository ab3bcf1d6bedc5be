package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.adaptivesoftmax.cli.PlanResult.Migrated;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.CutoffPlanner;
import org.adaptivesoftmax.cluster.PlanCosts;
import org.adaptivesoftmax.cluster.StabilityRule;
import org.adaptivesoftmax.cluster.StablePlan;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.lifecycle.ClusteredVocabulary;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.text.CountsAbout;
import org.adaptivesoftmax.text.CountsDirectory;
import org.adaptivesoftmax.text.Tokenizer;
import org.adaptivesoftmax.text.Vocabulary;

/**
 * The vocabulary and the clusters so far.
 *
 * @param words by rank, with their clusters
 */
record PreviousPlan(ClusteredVocabulary words) {
  /**
   * Reads counts, which are planned as the new ones are, or the highest version of a language model.
   *
   * @throws IllegalArgumentException if it is neither, of another tokenizer, or a model of another width
   */
  static PreviousPlan read(Path directory, int inFeatures, CutoffPlanner planner)
      throws IOException {
    if (Files.exists(directory.resolve("about.json"))) {
      Vocabulary vocabulary = Vocabulary.of(new CountsDirectory(directory).readWords());
      return new PreviousPlan(
          new ClusteredVocabulary(vocabulary, planner.plan(vocabulary.counts())));
    }
    PublishedLanguageModel model =
        PublishedLanguageModel.read(new ModelDirectory(directory).highestVersion());
    CountsAbout counted = model.counted();
    Require.argument(
        counted == null || counted.tokenizer().equals(Tokenizer.ID),
        "--previous must be of the tokenizer %s: %s is of another",
        Tokenizer.ID,
        directory);
    Require.argument(
        model.configuration().softmax() == Softmax.ADAPTIVE,
        "--previous must be counts or a model with an adaptive softmax: %s has a full one",
        directory);
    Require.argument(
        model.configuration().hidden() == inFeatures,
        "--in-features must be that of --previous, %d: %d",
        model.configuration().hidden(),
        inFeatures);
    return new PreviousPlan(ClusteredVocabulary.of(model));
  }

  /** The plan of a vocabulary by which few of its tokens change cluster. */
  StablePlan renew(Vocabulary tokens, ClusterPlan fresh, PlanCosts costs) {
    return words.renew(tokens, fresh, StabilityRule.DEFAULT, costs);
  }

  /** What moves in a renewed plan, and what would move in a fresh one. */
  Migrated migrated(Vocabulary tokens, ClusterPlan fresh, StablePlan renewed, PlanCosts costs) {
    StablePlan anew = words.rankAnew(tokens, fresh, costs);
    int kept = words.shared(tokens);
    int moved = renewed.migrations().size();
    int up = (int) renewed.migrations().stream().filter(StablePlan.Migration::up).count();
    return new Migrated(
        up,
        moved - up,
        (double) moved / kept,
        (double) anew.migrations().size() / kept,
        renewed.cost() / anew.cost() - 1,
        tokens.size() - kept,
        words.vocabulary().size() - kept);
  }

  /** The counts in the order of a renewed plan. */
  static long[] countsByRank(Vocabulary tokens, StablePlan renewed) {
    long[] counts = new long[tokens.size()];
    Arrays.setAll(counts, rank -> tokens.count((int) renewed.order().label(rank)));
    return counts;
  }
}
