package org.adaptivesoftmax.lifecycle;

import java.util.Arrays;
import java.util.Map;
import java.util.OptionalInt;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.text.Vocabulary;
import org.adaptivesoftmax.text.WordCounts;

/**
 * The counts that a model was built on, and those of live text, both by the ranks of the model.
 *
 * <pre>{@code
 * DriftCounts counts = DriftCounts.of(plan, vocabulary, live.toWordCounts(), live.maxError());
 * Drift drift = Drift.of(counts, CostModel.ofBatch(640)::expectedCostOfShares);
 * }</pre>
 */
public final class DriftCounts {
  private final ClusterPlan plan;
  private final long[] then;
  private final long[] now;
  private final OptionalInt unknownRank;
  private final OptionalInt pinnedRank;
  private final long unlisted;

  private DriftCounts(Builder builder) {
    plan = builder.plan;
    then = builder.then;
    unknownRank = builder.unknownRank;
    pinnedRank = builder.pinnedRank;
    unlisted = builder.unlisted;
    now = builder.givenUnlisted();
  }

  /**
   * Counts of a model with ranks of any kind.
   *
   * @param plan the model's clusters
   * @param then the counts that the model was built on, by rank
   * @param now the counts of live text, by rank
   * @return settings, each with a default
   * @throws IllegalArgumentException if there are not {@code plan.nClasses()} counts, one is negative, or all are 0
   */
  public static Builder builder(ClusterPlan plan, long[] then, long[] now) {
    return new Builder(plan, then, now);
  }

  /**
   * Counts of a language model. A word that is not in the vocabulary, or that is there and trained the unknown word, as {@link
   * Vocabulary} says, counts for the unknown word. The ends of lines are left out on both sides: they tell of the lengths of
   * texts.
   *
   * @param plan the model's clusters
   * @param then the model's vocabulary with its counts
   * @param now counts of live text
   * @param maxError the most that a count of live text is below the truth, 0 if all are exact
   * @return the counts
   * @throws IllegalArgumentException if the vocabulary has no counts or is not the plan's, or live text has fewer than 2
   *     distinct tokens
   */
  public static DriftCounts of(ClusterPlan plan, Vocabulary then, WordCounts now, long maxError) {
    Require.argument(then.hasCounts(), "the model has no counts: %s", then);
    Require.argument(
        now.byWord().size() >= 2,
        "live text must have at least 2 distinct tokens: %s",
        now.byWord().size());
    int boundary = then.boundaryRank();
    long[] before = then.counts();
    long[] ranked = new long[before.length];
    long listed = 0;
    for (Map.Entry<String, Long> word : now.byWord().entrySet()) {
      int rank = then.rank(word.getKey());
      boolean untrained = before[rank] == 0 || rank == boundary;
      ranked[untrained ? then.unknownRank() : rank] += word.getValue();
      listed += word.getValue();
    }
    before[boundary] = 0;
    return builder(plan, before, ranked)
        .unknownRank(then.unknownRank())
        .pinnedRank(boundary)
        .unlisted(now.words() - listed, maxError)
        .build();
  }

  ClusterPlan plan() {
    return plan;
  }

  /** By rank; not to be changed. */
  long[] then() {
    return then;
  }

  /** By rank; not to be changed. */
  long[] now() {
    return now;
  }

  OptionalInt unknownRank() {
    return unknownRank;
  }

  /** The rank that keeps its place, whatever is counted. */
  OptionalInt pinnedRank() {
    return pinnedRank;
  }

  /** Live tokens of which nothing is known. */
  long unlisted() {
    return unlisted;
  }

  /** What else is known of the counts. */
  public static final class Builder {
    private final ClusterPlan plan;
    private final long[] then;
    private final long[] now;
    private OptionalInt unknownRank = OptionalInt.empty();
    private OptionalInt pinnedRank = OptionalInt.empty();
    private long unlisted;
    private long maxError;

    private Builder(ClusterPlan plan, long[] then, long[] now) {
      this.plan = plan;
      this.then = checked(plan, "then", then);
      this.now = checked(plan, "now", now);
    }

    private static long[] checked(ClusterPlan plan, String name, long[] counts) {
      Require.argument(
          counts.length == plan.nClasses(),
          "%s must hold nClasses (%d) values: %d",
          name,
          plan.nClasses(),
          counts.length);
      for (int rank = 0; rank < counts.length; rank++) {
        if (counts[rank] < 0) { // Not by Require, which would box every count.
          throw new IllegalArgumentException(
              "%s must not be negative: %d at %d".formatted(name, counts[rank], rank));
        }
      }
      return counts.clone();
    }

    /**
     * The rank of the entry that stands for all tokens which have none of their own.
     *
     * @param rank in 0..nClasses−1. Default: there is none
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public Builder unknownRank(int rank) {
      unknownRank = OptionalInt.of(requireRank(rank));
      return this;
    }

    /**
     * A rank that is no token, as the end of a line: it has no count and keeps its place.
     *
     * @param rank in 0..nClasses−1. Default: there is none
     * @return this builder
     * @throws IllegalArgumentException if it is not, or has a count
     */
    public Builder pinnedRank(int rank) {
      pinnedRank = OptionalInt.of(requireRank(rank));
      Require.argument(
          then[rank] == 0 && now[rank] == 0, "the pinned rank must have no count: %s", rank);
      return this;
    }

    private int requireRank(int rank) {
      Require.argument(
          rank >= 0 && rank < plan.nClasses(),
          "rank must be in 0..%d: %d",
          plan.nClasses() - 1,
          rank);
      return rank;
    }

    /**
     * Live tokens that approximate counts leave out. They are given to the ranks that are most short of the model's own counts,
     * none of which gets more than {@code maxError}: what was not counted cannot raise an alarm. What is left then is left
     * out.
     *
     * @param tokens how many there are, at least 0
     * @param maxError the most that a count is below the truth, at least 0. Default: all counts are exact
     * @return this builder
     * @throws IllegalArgumentException if one is negative
     */
    public Builder unlisted(long tokens, long maxError) {
      Require.argument(tokens >= 0, "unlisted tokens must be at least 0: %s", tokens);
      Require.argument(maxError >= 0, "maxError must be at least 0: %s", maxError);
      this.unlisted = tokens;
      this.maxError = maxError;
      return this;
    }

    /**
     * Puts the counts together.
     *
     * @return the counts
     * @throws IllegalArgumentException if then or now has no token
     */
    public DriftCounts build() {
      Require.argument(Arrays.stream(then).sum() > 0, "then must have a token");
      Require.argument(Arrays.stream(now).sum() + unlisted > 0, "now must have a token");
      return new DriftCounts(this);
    }

    private long[] givenUnlisted() {
      long[] given = now.clone();
      if (unlisted == 0) {
        return given;
      }
      double expected = (double) (Arrays.stream(now).sum() + unlisted) / Arrays.stream(then).sum();
      double[] missing = new double[then.length];
      Arrays.setAll(
          missing,
          rank -> Math.max(0, Math.min((double) maxError, expected * then[rank] - now[rank])));
      double part = Math.min(1, unlisted / Math.max(1.0, Arrays.stream(missing).sum()));
      double owed = 0;
      for (int rank = 0; rank < given.length; rank++) {
        // Fractions are carried on, or rare tokens would never get one.
        owed += part * missing[rank];
        long whole = (long) owed;
        given[rank] += whole;
        owed -= whole;
      }
      return given;
    }
  }
}
