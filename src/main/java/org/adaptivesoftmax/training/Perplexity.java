package org.adaptivesoftmax.training;

import java.util.Arrays;
import java.util.List;
import org.adaptivesoftmax.cluster.ClusterPlan;

/**
 * Perplexity of a text, exp(−Σ log p / words), as a whole and by the cluster that a word belongs to. Cluster 0 is the
 * shortlist, cluster i the i-th tail cluster.
 *
 * @param words number of words in each cluster
 * @param nats −Σ log p of the words of each cluster
 */
public record Perplexity(List<Long> words, List<Double> nats) {
  /** Copies the lists. */
  public Perplexity {
    words = List.copyOf(words);
    nats = List.copyOf(nats);
  }

  /** Number of words. */
  public long totalWords() {
    return words.stream().mapToLong(Long::longValue).sum();
  }

  /** Perplexity of all words; NaN without any. */
  public double total() {
    return Math.exp(nats.stream().mapToDouble(Double::doubleValue).sum() / totalWords());
  }

  /** Perplexity of the words of each cluster; NaN for a cluster without any. */
  public List<Double> byCluster() {
    Double[] clusters = new Double[words.size()];
    Arrays.setAll(clusters, i -> Math.exp(nats.get(i) / words.get(i)));
    return List.of(clusters);
  }

  /**
   * The perplexity that word frequencies alone reach: p(word) = (count + 1) / (Σ counts + vocabulary).
   *
   * @param plan the clusters; ids of both texts are its classes
   * @param train the text that is counted
   * @param text the text whose perplexity it is
   */
  public static Perplexity ofUnigrams(ClusterPlan plan, int[] train, int[] text) {
    long[] counts = new long[plan.nClasses()];
    for (int word : train) {
      counts[word]++;
    }
    double logTotal = Math.log((double) train.length + plan.nClasses());
    Sum sum = new Sum(plan);
    for (int word : text) {
      sum.add(word, Math.log(counts[word] + 1.0) - logTotal);
    }
    return sum.perplexity();
  }

  /** Adds up log-probabilities word by word. */
  static final class Sum {
    private final ClusterPlan plan;
    private final Long[] words;
    private final Double[] nats;

    Sum(ClusterPlan plan) {
      this.plan = plan;
      this.words = new Long[plan.nTails() + 1];
      this.nats = new Double[plan.nTails() + 1];
      Arrays.fill(words, 0L);
      Arrays.fill(nats, 0.0);
    }

    void add(int word, double logProb) {
      int cluster = plan.cluster(word);
      words[cluster]++;
      nats[cluster] -= logProb;
    }

    Perplexity perplexity() {
      return new Perplexity(List.of(words), List.of(nats));
    }
  }
}
