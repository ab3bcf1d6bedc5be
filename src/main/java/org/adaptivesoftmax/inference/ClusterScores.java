package org.adaptivesoftmax.inference;

import java.util.List;

/**
 * How probable a corpus is, by the cluster that a word belongs to: 0 is the shortlist, i the i-th tail cluster.
 *
 * @param words number of words in each cluster
 * @param nats −Σ log p of the words of each cluster
 */
public record ClusterScores(List<Long> words, List<Double> nats) {
  /** Copies the lists. */
  public ClusterScores {
    words = List.copyOf(words);
    nats = List.copyOf(nats);
  }
}
