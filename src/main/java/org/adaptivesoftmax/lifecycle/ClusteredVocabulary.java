package org.adaptivesoftmax.lifecycle;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.PlanCosts;
import org.adaptivesoftmax.cluster.StabilityRule;
import org.adaptivesoftmax.cluster.StablePlan;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.text.Vocabulary;

/**
 * Words and the clusters that they stand in.
 *
 * @param vocabulary words by rank
 * @param plan their clusters
 */
public record ClusteredVocabulary(Vocabulary vocabulary, ClusterPlan plan) {
  /**
   * Checks the sizes.
   *
   * @param vocabulary words by rank
   * @param plan their clusters, of as many classes as there are words
   * @throws IllegalArgumentException if it has another number of classes
   */
  public ClusteredVocabulary {
    Require.argument(
        plan.nClasses() == vocabulary.size(),
        "plan must have a class for each of %d words: %d",
        vocabulary.size(),
        plan.nClasses());
  }

  /**
   * Those of a published language model.
   *
   * @param version its directory
   * @return its words and clusters
   * @throws IllegalArgumentException if it is no language model
   * @throws IOException if it cannot be read
   */
  public static ClusteredVocabulary of(Path version) throws IOException {
    return of(PublishedLanguageModel.read(version));
  }

  /**
   * Those of a published language model.
   *
   * @param model the model
   * @return its words and clusters
   */
  public static ClusteredVocabulary of(PublishedLanguageModel model) {
    return new ClusteredVocabulary(model.vocabulary(), model.configuration().plan());
  }

  /** {@return the number of clusters, the shortlist among them} */
  public int clusters() {
    return plan.nTails() + 1;
  }

  /**
   * The cluster of a rank.
   *
   * @param rank of a word
   * @return 0 for the shortlist, i for tail cluster i, counted from 1
   */
  public int cluster(int rank) {
    return plan.cluster(rank);
  }

  /**
   * The cluster of a word.
   *
   * @param word as {@link org.adaptivesoftmax.text.Tokenizer} gives it
   * @return as {@link #cluster(int)}; empty if the word is not here
   */
  public OptionalInt cluster(String word) {
    return vocabulary.contains(word)
        ? OptionalInt.of(cluster(vocabulary.rank(word)))
        : OptionalInt.empty();
  }

  /**
   * The clusters of today's words by which few of them move.
   *
   * @param today words ranked by their counts of today
   * @param fresh the plan that is made anew from these counts
   * @param rule who keeps the cluster
   * @param costs what a step or a call costs
   * @return the order, whose classes are ranks of {@code today}, its plan and what moves
   * @throws IllegalArgumentException as {@link StabilityRule#renew}
   */
  public StablePlan renew(
      Vocabulary today, ClusterPlan fresh, StabilityRule rule, PlanCosts costs) {
    return rule.renew(plan, ranks(today), counts(today), today.counts(), fresh, costs);
  }

  /**
   * The clusters of today's words as their counts alone rank them.
   *
   * @param today words ranked by their counts of today
   * @param fresh the plan that is made anew from these counts
   * @param costs what a step or a call costs
   * @return the order, its plan and what moves
   * @throws IllegalArgumentException as {@link StablePlan#byRank}
   */
  public StablePlan rankAnew(Vocabulary today, ClusterPlan fresh, PlanCosts costs) {
    return StablePlan.byRank(plan, ranks(today), counts(today), today.counts(), fresh, costs);
  }

  /**
   * How many words of another vocabulary are here, too.
   *
   * @param other another vocabulary
   * @return the number
   */
  public int shared(Vocabulary other) {
    return (int) Arrays.stream(ranks(other)).filter(rank -> rank >= 0).count();
  }

  /** The rank so far of each word; −1 for a new one. */
  private int[] ranks(Vocabulary today) {
    return today.words().stream()
        .mapToInt(word -> vocabulary.contains(word) ? vocabulary.rank(word) : -1)
        .toArray();
  }

  /** The count so far of each word, 0 for a new one; none if they are not known. */
  private long[] counts(Vocabulary today) {
    return vocabulary.hasCounts()
        ? Arrays.stream(ranks(today)).mapToLong(r -> r < 0 ? 0 : vocabulary.count(r)).toArray()
        : new long[0];
  }
}
