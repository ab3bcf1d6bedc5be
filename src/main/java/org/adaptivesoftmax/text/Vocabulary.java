package org.adaptivesoftmax.text;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.adaptivesoftmax.internal.io.Require;

/**
 * Words ranked by decreasing count, but for {@link #inOrder}; ties in the words' natural order. Immutable.
 *
 * <p>Two entries are no words and are ranked by their counts like any other: {@link #BOUNDARY}, which ends each line,
 * and {@link #UNKNOWN}, which stands for every word that is not here. A text cannot contain either: {@link Tokenizer}
 * divides {@code <unk>} into {@code <}, {@code unk} and {@code >}.
 *
 * <p>A count is the number of times that a training text, encoded by {@link Encoder#forTraining}, holds the entry; the
 * counts add up to its length.
 *
 * <p><b>Training the unknown word.</b> If a vocabulary holds every word of the training text, nothing is left to train
 * {@link #UNKNOWN}, and every word first met afterwards would have a probability near 0. The probability of meeting a
 * new word is about the share of the words seen once (Good and Turing; I. J. Good, "The population frequencies of
 * species and the estimation of population parameters", Biometrika 40, 1953). So of the words seen once, half, chosen
 * by a stable hash, have count 0: they are in the vocabulary, are read and predicted like any other word, but their
 * occurrence in training counts for {@link #UNKNOWN} and is encoded as such. {@link Builder#unknownShare} changes the
 * half, 0 turns it off. If {@link Builder#maxSize} or {@link Builder#minCount} leave words out, those words train
 * {@link #UNKNOWN}, and no count is changed.
 */
public final class Vocabulary {
  /** The entry for every word outside the vocabulary. */
  public static final String UNKNOWN = "<unk>";

  /** The entry that ends each line. */
  public static final String BOUNDARY = "</s>";

  /** The share of the words seen once that train {@link #UNKNOWN}. */
  public static final double DEFAULT_UNKNOWN_SHARE = 0.5;

  private final List<String> words;
  private final long[] counts;
  private final Map<String, Integer> ranks;
  private final int unknownRank;
  private final int boundaryRank;

  /**
   * @param words distinct, with both special entries
   * @param counts as many as words
   */
  Vocabulary(List<String> words, long[] counts) {
    this.words = List.copyOf(words);
    this.counts = counts.clone();
    ranks = new HashMap<>(words.size() * 2);
    for (int rank = 0; rank < words.size(); rank++) {
      ranks.put(words.get(rank), rank);
    }
    unknownRank = rankOfEntry(UNKNOWN);
    boundaryRank = rankOfEntry(BOUNDARY);
  }

  /**
   * All words of a text, with the defaults of {@link Builder}.
   *
   * @param counts of the training text
   * @return the vocabulary
   */
  public static Vocabulary of(WordCounts counts) {
    return builder().build(counts);
  }

  /** {@return settings, each with a default} */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Reads what {@link #write} or {@link #writeWords} wrote. Words alone give a vocabulary whose counts are all 0.
   *
   * @param file the file
   * @return the vocabulary
   * @throws TextFileException if it is not such a file; the message names the line
   * @throws IOException if it cannot be read
   */
  public static Vocabulary read(Path file) throws IOException {
    return VocabularyFile.read(file);
  }

  /**
   * Writes one {@code word<TAB>count} a line, in UTF-8, by rank. The file appears whole or not at all.
   *
   * @param file replaced if it exists
   * @throws IOException if it cannot be written
   */
  public void write(Path file) throws IOException {
    VocabularyFile.write(file, rank -> words.get(rank) + "\t" + counts[rank], size());
  }

  /**
   * Writes one word a line, in UTF-8, by rank: the form in which a SavedModel's lookup table reads it. The file appears
   * whole or not at all.
   *
   * @param file replaced if it exists
   * @throws IOException if it cannot be written
   */
  public void writeWords(Path file) throws IOException {
    VocabularyFile.write(file, words::get, size());
  }

  /**
   * This vocabulary with counts.
   *
   * @param counts of the entries by rank, which need not decrease: {@link #inOrder} says where they do not
   * @return the same words with these counts
   * @throws IllegalArgumentException if there are not as many, or one is negative
   */
  public Vocabulary withCounts(long[] counts) {
    Require.argument(
        counts.length == size(), "counts must hold %d values: %d", size(), counts.length);
    for (int rank = 0; rank < counts.length; rank++) {
      if (counts[rank] < 0) { // Not by Require, which would box every count.
        throw new IllegalArgumentException(
            "counts must not be negative: %d at rank %d".formatted(counts[rank], rank));
      }
    }
    return new Vocabulary(words, counts);
  }

  /**
   * The same words in another order: that of a renewed model, whose words keep their cluster although their counts have
   * changed a little. Counts then decrease within a cluster, and need not from one cluster to the next.
   *
   * @param ranks the rank here of each word of the new order, each once
   * @return the words in that order
   * @throws IllegalArgumentException if it is not an order of the ranks
   */
  public Vocabulary inOrder(int[] ranks) {
    Require.argument(
        ranks.length == size() && Arrays.stream(ranks).distinct().count() == size(),
        "ranks must hold each of %d ranks once: %d of them",
        size(),
        ranks.length);
    return new Vocabulary(
        Arrays.stream(ranks).mapToObj(this::word).toList(),
        Arrays.stream(ranks).mapToLong(this::count).toArray());
  }

  /** {@return the number of entries, both special ones included} */
  public int size() {
    return words.size();
  }

  /** {@return all entries by rank} */
  public List<String> words() {
    return words;
  }

  /**
   * The entry of a rank.
   *
   * @param rank in 0..size−1
   * @return the word, or a special entry
   * @throws IllegalArgumentException if the rank is not in 0..size−1
   */
  public String word(int rank) {
    return words.get(requireRank(rank));
  }

  /**
   * The rank of a word.
   *
   * @param word as {@link Tokenizer} gives it, or a special entry
   * @return its rank; {@link #unknownRank} if it is not here
   */
  public int rank(String word) {
    return ranks.getOrDefault(word, unknownRank);
  }

  /**
   * Whether a word is here.
   *
   * @param word as {@link Tokenizer} gives it, or a special entry
   * @return true if it has a rank of its own
   */
  public boolean contains(String word) {
    return ranks.containsKey(word);
  }

  /** {@return the rank of {@link #UNKNOWN}} */
  public int unknownRank() {
    return unknownRank;
  }

  /** {@return the rank of {@link #BOUNDARY}} */
  public int boundaryRank() {
    return boundaryRank;
  }

  /**
   * The count of a rank.
   *
   * @param rank in 0..size−1
   * @return the count; 0 if it is not known
   * @throws IllegalArgumentException if the rank is not in 0..size−1
   */
  public long count(int rank) {
    return counts[requireRank(rank)];
  }

  /** {@return a copy of all counts by rank; they do not increase, but for {@link #inOrder}} */
  public long[] counts() {
    return counts.clone();
  }

  /** {@return whether the counts are known: not if only words were read} */
  public boolean hasCounts() {
    return counts[0] > 0;
  }

  @Override
  public String toString() {
    return "Vocabulary of " + size() + " words";
  }

  private int requireRank(int rank) {
    if (rank < 0 || rank >= words.size()) {
      throw new IllegalArgumentException(
          "rank must be in 0..%d: %d".formatted(words.size() - 1, rank));
    }
    return rank;
  }

  private int rankOfEntry(String entry) {
    Integer rank = ranks.get(entry);
    if (rank == null) {
      throw new IllegalArgumentException("a vocabulary needs the entry " + entry);
    }
    return rank;
  }

  /** What goes into a vocabulary. */
  public static final class Builder {
    private static final int MIN_SIZE = 3;

    private int maxSize = Integer.MAX_VALUE;
    private long minCount = 1;
    private double unknownShare = DEFAULT_UNKNOWN_SHARE;

    private Builder() {}

    /**
     * Keeps the most frequent words only.
     *
     * @param maxSize most entries, both special ones included; at least 3. Default: no limit
     * @return this builder
     * @throws IllegalArgumentException if it is less
     */
    public Builder maxSize(int maxSize) {
      Require.argument(maxSize >= MIN_SIZE, "maxSize must be at least %s: %s", MIN_SIZE, maxSize);
      this.maxSize = maxSize;
      return this;
    }

    /**
     * Keeps words seen at least so often.
     *
     * @param minCount at least 1. Default: 1, all words
     * @return this builder
     * @throws IllegalArgumentException if it is less
     */
    public Builder minCount(long minCount) {
      Require.argument(minCount >= 1, "minCount must be at least 1: %s", minCount);
      this.minCount = minCount;
      return this;
    }

    /**
     * Share of the words seen once that train {@link #UNKNOWN} if no word is left out.
     *
     * @param unknownShare in 0..1, 0 for none. Default: {@link #DEFAULT_UNKNOWN_SHARE}
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public Builder unknownShare(double unknownShare) {
      Require.argument(
          unknownShare >= 0 && unknownShare <= 1, "unknownShare must be in 0..1: %s", unknownShare);
      this.unknownShare = unknownShare;
      return this;
    }

    /**
     * Ranks the words of a text.
     *
     * @param counts of the training text
     * @return the vocabulary
     * @throws IllegalArgumentException if {@link #minCount} leaves no word
     */
    public Vocabulary build(WordCounts counts) {
      List<Entry> kept =
          counts.byWord().entrySet().stream()
              .map(entry -> new Entry(entry.getKey(), entry.getValue()))
              .filter(entry -> entry.count() >= minCount)
              .sorted()
              .limit(maxSize - 2)
              .toList();
      Require.argument(!kept.isEmpty(), "minCount leaves no word in the vocabulary: %s", minCount);
      if (kept.stream().mapToLong(Entry::count).sum() == counts.words()) {
        kept = kept.stream().map(this::orUntrained).toList();
      }
      long known = kept.stream().mapToLong(Entry::count).sum();
      return ranked(kept, counts.words() - known, counts.lines());
    }

    private Entry orUntrained(Entry entry) {
      boolean untrained = entry.count() == 1 && StableHash.of(entry.word()) < unknownShare * 0x1p32;
      return untrained ? new Entry(entry.word(), 0) : entry;
    }

    private static Vocabulary ranked(List<Entry> words, long unknown, long lines) {
      List<Entry> entries =
          Stream.concat(
                  words.stream(),
                  Stream.of(new Entry(UNKNOWN, unknown), new Entry(BOUNDARY, lines)))
              .sorted()
              .toList();
      return new Vocabulary(
          entries.stream().map(Entry::word).toList(),
          entries.stream().mapToLong(Entry::count).toArray());
    }
  }

  private record Entry(String word, long count) implements Comparable<Entry> {
    private static final Comparator<Entry> BY_RANK =
        Comparator.comparingLong(Entry::count).reversed().thenComparing(Entry::word);

    @Override
    public int compareTo(Entry other) {
      return BY_RANK.compare(this, other);
    }
  }
}
