package org.adaptivesoftmax.cluster;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.adaptivesoftmax.internal.io.Require;
import org.jspecify.annotations.Nullable;

/**
 * The order of class ids by decreasing frequency. A layer with a label order takes and returns the caller's own ids, any
 * distinct 64-bit integers, and ranks them inside the graph; its weights stay in order of rank. Where a result has a
 * column per class, as {@code logProb}, the columns are in increasing order of the ids, which for ids 0..n−1 is the id
 * itself.
 */
public final class LabelOrder {
  private static final int FINGERPRINT_BYTES = 8;

  private final long[] labelOfRank;
  private final long[] sortedLabels;
  private final int[] rankOfSorted;
  private final boolean identity;

  /** Computed when it is first asked for: threads may both do so, and find the same. */
  private volatile @Nullable String fingerprint;

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
    this.identity = Arrays.equals(labelOfRank, sortedLabels) && isDense();
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

  /**
   * Any ids ranked by their counts; among equals the smaller id first.
   *
   * @param counts the count of each id
   * @throws IllegalArgumentException if there are fewer than two, or one is negative
   */
  public static LabelOrder byCount(Map<Long, Long> counts) {
    counts.forEach(
        (id, count) ->
            Require.argument(count >= 0, "count of %d must not be negative: %d", id, count));
    return ranked(
        counts.entrySet().stream()
            .sorted(
                Map.Entry.<Long, Long>comparingByValue()
                    .reversed()
                    .thenComparing(Map.Entry.comparingByKey()))
            .mapToLong(Map.Entry::getKey)
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

  /** The rank of an id; empty if it is no class. */
  public OptionalInt rank(long label) {
    int place = Arrays.binarySearch(sortedLabels, label);
    return place < 0 ? OptionalInt.empty() : OptionalInt.of(rankOfSorted[place]);
  }

  /** Whether every id is its own rank. */
  public boolean isIdentity() {
    return identity;
  }

  /** The ranks of all classes in increasing order of their ids. */
  public int[] ranksByPlace() {
    return rankOfSorted.clone();
  }

  /** Where the class at each rank stands among the classes in increasing order of their ids. */
  public int[] placesByRank() {
    int[] places = new int[size()];
    for (int place = 0; place < places.length; place++) {
      places[rankOfSorted[place]] = place;
    }
    return places;
  }

  /** What tells this order from others: the first 16 hexadecimal digits of the SHA-256 of the ids by rank. */
  public String fingerprint() {
    String known = fingerprint;
    if (known == null) {
      ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * size());
      bytes.asLongBuffer().put(labelOfRank);
      known = HexFormat.of().formatHex(sha256().digest(bytes.array()), 0, FINGERPRINT_BYTES);
      fingerprint = known;
    }
    return known;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * The ranks of all classes, cluster after cluster, within each in increasing order of the ids.
   *
   * @param plan the clusters, of as many classes
   */
  public int[] ranksWithin(ClusterPlan plan) {
    int[] next = new int[plan.nTails() + 1];
    for (int tail = 0; tail < plan.nTails(); tail++) {
      next[tail + 1] = plan.tailStart(tail);
    }
    int[] ranks = new int[size()];
    for (int rank : rankOfSorted) {
      ranks[next[plan.cluster(rank)]++] = rank;
    }
    return ranks;
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
