package org.adaptivesoftmax.cluster;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.adaptivesoftmax.internal.io.Require;

/**
 * The order of class ids by decreasing frequency. A layer with a label order takes and returns the caller's own ids, any
 * distinct 64-bit integers, and ranks them inside the graph; its weights stay in order of rank. Where a result has a
 * column per class, as {@code logProb}, the columns are in increasing order of the ids, which for ids 0..n−1 is the id
 * itself.
 */
public final class LabelOrder {
  private final long[] labelOfRank;
  private final long[] sortedLabels;
  private final int[] rankOfSorted;

  private LabelOrder(long[] labelOfRank) {
    Require.argument(
        labelOfRank.length >= 2,
        "labels must hold at least two ids: %s",
        Arrays.toString(labelOfRank));
    this.labelOfRank = labelOfRank;
    this.sortedLabels = labelOfRank.clone();
    Arrays.sort(sortedLabels);
    for (int i = 1; i < sortedLabels.length; i++) {
      Require.argument(
          sortedLabels[i] != sortedLabels[i - 1],
          "labels must be distinct: %d stands twice",
          sortedLabels[i]);
    }
    this.rankOfSorted = new int[labelOfRank.length];
    for (int rank = 0; rank < labelOfRank.length; rank++) {
      rankOfSorted[Arrays.binarySearch(sortedLabels, labelOfRank[rank])] = rank;
    }
  }

  /**
   * Ids 0..nClasses−1 that are ranked already, as PyTorch requires them.
   *
   * @throws IllegalArgumentException if nClasses is below 2
   */
  public static LabelOrder identity(int nClasses) {
    return ranked(LongStream.range(0, Math.max(0, nClasses)).toArray());
  }

  /**
   * Ids in order of rank, the most frequent first.
   *
   * @throws IllegalArgumentException if there are fewer than two, or one stands twice
   */
  public static LabelOrder ranked(long... labels) {
    return new LabelOrder(labels.clone());
  }

  /**
   * Ids 0..n−1 ranked by their counts; among equals the smaller id first.
   *
   * @param counts the count of each id
   * @throws IllegalArgumentException if there are fewer than two, or one is negative
   */
  public static LabelOrder byCount(long... counts) {
    for (int i = 0; i < counts.length; i++) {
      Require.argument(counts[i] >= 0, "counts[%d] must not be negative: %d", i, counts[i]);
    }
    return ranked(
        IntStream.range(0, counts.length)
            .boxed()
            .sorted((a, b) -> Long.compare(counts[b], counts[a]))
            .mapToLong(Integer::longValue)
            .toArray());
  }

  /** Number of ids. */
  public int size() {
    return labelOfRank.length;
  }

  /**
   * The id at a rank.
   *
   * @throws IndexOutOfBoundsException if the rank is not in 0..size−1
   */
  public long label(int rank) {
    return labelOfRank[rank];
  }

  /** Whether every id is its own rank. */
  public boolean isIdentity() {
    return isDense() && IntStream.range(0, size()).allMatch(r -> labelOfRank[r] == r);
  }

  /** The ranks of the classes from one rank up to another, in increasing order of their ids. */
  public int[] ranksByLabel(int from, int to) {
    return Arrays.stream(rankOfSorted).filter(r -> from <= r && r < to).toArray();
  }

  /** The ids in increasing order. */
  public long[] sortedLabels() {
    return sortedLabels.clone();
  }

  /** The ids in words, for messages. */
  public String range() {
    long first = sortedLabels[0];
    long last = sortedLabels[size() - 1];
    return isDense()
        ? "%d..%d".formatted(first, last)
        : "%d..%d, %d of them classes".formatted(first, last, size());
  }

  /** Whether the ids are 0..size−1, in any order. */
  public boolean isDense() {
    return sortedLabels[0] == 0 && sortedLabels[size() - 1] == size() - 1;
  }
}
