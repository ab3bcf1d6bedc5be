package org.adaptivesoftmax.lifecycle;

import java.util.Arrays;
import org.adaptivesoftmax.text.Vocabulary;

/**
 * Where each word of a new vocabulary comes from: a word of the old one, or its unknown word, which stood for every word that it
 * did not have. The unknown word's mass is divided by today's counts among the new words and the new unknown word; dropped
 * words' mass goes to the new unknown word as a whole.
 */
final class WordOrigins {
  /** A word that today's text has but no count is told of: as if it had been seen every other time. */
  private static final double LEAST_COUNT = 0.5;

  private final int[] oldRanks;
  private final double[] shares;
  private final int[] dropped;
  private final int unknownRank;

  private WordOrigins(int[] oldRanks, double[] shares, int[] dropped, int unknownRank) {
    this.oldRanks = oldRanks;
    this.shares = shares;
    this.dropped = dropped;
    this.unknownRank = unknownRank;
  }

  static WordOrigins of(Vocabulary older, Vocabulary newer) {
    int[] oldRanks = new int[newer.size()];
    double sum = 0;
    for (int rank = 0; rank < newer.size(); rank++) {
      oldRanks[rank] = older.rank(newer.word(rank));
      sum += oldRanks[rank] == older.unknownRank() ? count(newer, rank) : 0;
    }
    double[] shares = new double[newer.size()];
    for (int rank = 0; rank < newer.size(); rank++) {
      shares[rank] = oldRanks[rank] == older.unknownRank() ? count(newer, rank) / sum : 1;
    }
    int[] dropped = new int[older.size()];
    int count = 0;
    for (int rank = 0; rank < older.size(); rank++) {
      if (!newer.contains(older.word(rank))) {
        dropped[count++] = rank;
      }
    }
    return new WordOrigins(oldRanks, shares, Arrays.copyOf(dropped, count), newer.unknownRank());
  }

  private static double count(Vocabulary newer, int rank) {
    return Math.max((double) newer.count(rank), LEAST_COUNT);
  }

  /** The old rank that a new one's mass comes from. */
  int oldRank(int rank) {
    return oldRanks[rank];
  }

  /** The share of the old rank's mass that the new one gets: 1 for a word that stays. */
  double share(int rank) {
    return shares[rank];
  }

  /** Whether a word stands for what its old rank stood for, no more and no less. */
  boolean keeps(int rank) {
    return shares[rank] == 1 && (rank != unknownRank || dropped.length == 0);
  }

  /** The old ranks of dropped words. */
  int[] dropped() {
    return dropped;
  }
}
