package org.adaptivesoftmax.text;

import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The n-grams that a classifier knows, ranked by decreasing count; ties in their natural order. Others are not seen at
 * all. Immutable.
 */
public final class NGramVocabulary {
  /** Default of {@link Builder#maxSize}. */
  public static final int DEFAULT_MAX_SIZE = 200_000;

  private final List<String> ngrams;
  private final Map<String, Integer> ranks;

  private NGramVocabulary(List<String> ngrams) {
    this.ngrams = ngrams;
    ranks = new HashMap<>(2 * ngrams.size());
    for (String ngram : ngrams) {
      ranks.put(ngram, ranks.size());
    }
  }

  /** {@return settings, each with a default} */
  public static Builder builder() {
    return new Builder();
  }

  /** {@return the number of n-grams} */
  public int size() {
    return ngrams.size();
  }

  /** {@return all n-grams by rank} */
  public List<String> ngrams() {
    return ngrams;
  }

  /**
   * The known n-grams of a text.
   *
   * @param text any text
   * @return their ranks, in the order of {@link NGrams#of}; none if none is known
   */
  public int[] ranks(String text) {
    RankList found = new RankList();
    appendRanks(found, text);
    return found.toArray();
  }

  void appendRanks(RankList list, String text) {
    for (String ngram : NGrams.of(text)) {
      Integer rank = ranks.get(ngram);
      if (rank != null) {
        list.add(rank);
      }
    }
  }

  /** Settings of a vocabulary. */
  public static final class Builder {
    private int minCount = 2;
    private int maxSize = DEFAULT_MAX_SIZE;

    private Builder() {}

    /**
     * How often an n-gram must occur in the training texts. Default: 2.
     *
     * @param count at least 1
     * @return this builder
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder minCount(int count) {
      if (count < 1) {
        throw new IllegalArgumentException("minCount must be at least 1: " + count);
      }
      minCount = count;
      return this;
    }

    /**
     * How many n-grams are kept at most, the most frequent ones. Default: 200,000.
     *
     * @param size at least 1
     * @return this builder
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder maxSize(int size) {
      if (size < 1) {
        throw new IllegalArgumentException("maxSize must be at least 1: " + size);
      }
      maxSize = size;
      return this;
    }

    /**
     * Counts and ranks the n-grams of training texts. Holds the distinct n-grams, not the texts.
     *
     * @param training the texts
     * @return the vocabulary
     * @throws TextFileException if the corpus is missing or malformed, or no n-gram occurs often enough
     * @throws IOException if it cannot be read
     */
    public NGramVocabulary build(LabelledCorpus training) throws IOException {
      Map<String, Integer> counts = new HashMap<>();
      training.forEachExample(
          example ->
              NGrams.of(example.text()).forEach(ngram -> counts.merge(ngram, 1, Integer::sum)));
      Stream<Map.Entry<String, Integer>> ranked =
          counts.entrySet().stream()
              .filter(entry -> entry.getValue() >= minCount)
              .sorted(
                  Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                      .thenComparing(Map.Entry.comparingByKey()));
      List<String> kept = ranked.limit(maxSize).map(Map.Entry::getKey).toList();
      if (kept.isEmpty()) {
        throw new TextFileException(
            "%s: no word occurs %d times or more".formatted(training.name(), minCount));
      }
      return new NGramVocabulary(kept);
    }
  }
}
