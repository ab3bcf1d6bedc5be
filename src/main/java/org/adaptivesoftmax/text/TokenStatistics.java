package org.adaptivesoftmax.text;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.adaptivesoftmax.internal.io.OptionalLibrary;
import org.adaptivesoftmax.internal.io.Require;

/**
 * Counts the tokens that a process meets while it serves, for as long as it runs, in bounded memory. Any number of threads may
 * add at the same time.
 *
 * <pre>{@code
 * TokenStatistics statistics = TokenStatistics.builder().build();
 * statistics.addText("The dogs' owner can't pay.");
 * statistics.drain().write(Path.of("counts/2026-11-28T14")); // what was met since the last call
 * }</pre>
 *
 * <p>The numbers of tokens and of documents are exact. Counts of single tokens are exact while the distinct tokens fit, and
 * then approximate with a bound that is told: they are kept by the frequent items sketch of Apache DataSketches (Anderson et
 * al., "A High-Performance Algorithm for Identifying Frequent Items in Data Streams", IMC 2017). A count is never above the
 * truth, and at most {@link LiveCounts#maxError} below it, which is at most
 *
 * <pre>{@code
 * 3.5 · tokens / maxMapSize
 * }</pre>
 *
 * <p>Threads are spread over several sketches, so that they seldom wait for each other; reading merges the sketches. Each
 * grows with its distinct tokens, up to {@code maxMapSize} places of 14 bytes beside the tokens themselves and 24 bytes for each, of which {@code
 * 0.75 · maxMapSize} fit.
 *
 * <p>Needs {@code org.apache.datasketches:datasketches-java}, an optional dependency of this library.
 */
public final class TokenStatistics {
  /** Default of {@link Builder#maxMapSize}: 98,304 distinct tokens are counted exactly. */
  public static final int DEFAULT_MAX_MAP_SIZE = 1 << 17;

  /**
   * The most chars that a token which is listed may have. A longer one is counted in the totals and in {@link
   * LiveCounts#maxError} only, as a sketch bounds the number of its tokens, not their length.
   */
  public static final int MAX_TOKEN_LENGTH = 256;

  private final int maxMapSize;
  private final TokenStripe[] stripes;

  private TokenStatistics(Builder builder) {
    maxMapSize = builder.maxMapSize;
    stripes =
        Stream.generate(() -> new TokenStripe(builder.maxMapSize))
            .limit(builder.stripes)
            .toArray(TokenStripe[]::new);
  }

  /** {@return settings, each with a default} */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Counts a token that belongs to no document.
   *
   * @param token as {@link Tokenizer} gives it
   */
  public void add(String token) {
    stripe().add(token);
  }

  /**
   * Counts the tokens of a document. A reader meets all of them or none.
   *
   * @param tokens as {@link Tokenizer} gives them; if there is none, there was no document
   */
  public void addAll(List<String> tokens) {
    if (!tokens.isEmpty()) {
      stripe().addDocument(tokens);
    }
  }

  /**
   * Counts a document.
   *
   * @param text any text, which {@link Tokenizer} divides
   */
  public void addText(String text) {
    addAll(Tokenizer.words(text));
  }

  /**
   * Adds what another counter has met, which goes on unchanged. Bounds add up.
   *
   * @param other another counter
   */
  public void merge(TokenStatistics other) {
    merge(other.snapshot());
  }

  /**
   * Adds counts. Bounds add up.
   *
   * @param counts of another counter, in this process
   */
  public void merge(LiveCounts counts) {
    stripe().merge(counts.sketch());
  }

  /** {@return what was counted until now; the counter goes on} */
  public LiveCounts snapshot() {
    return read(TokenStripe::copy);
  }

  /** {@return what was counted until now; the counter starts anew, and no token is lost or counted twice} */
  public LiveCounts drain() {
    return read(TokenStripe::drain);
  }

  private LiveCounts read(Function<TokenStripe, TokenSketch> part) {
    TokenSketch sum = new TokenSketch(maxMapSize);
    for (TokenStripe stripe : stripes) {
      sum.merge(part.apply(stripe));
    }
    return new LiveCounts(sum);
  }

  /**
   * Writes what was counted until now, as {@link LiveCounts#write}; the counter goes on.
   *
   * @param place where; a counts directory that stands there is replaced
   * @return the directory
   * @throws IllegalArgumentException if nothing was counted, or something else than a counts directory stands at the place
   * @throws IOException if it cannot be written
   */
  public CountsDirectory write(Path place) throws IOException {
    return snapshot().write(place);
  }

  /** Ids of threads are given one by one, so that those that start together meet different stripes. */
  private TokenStripe stripe() {
    return stripes[(int) (Thread.currentThread().getId() % stripes.length)];
  }

  /** How much memory to take. */
  public static final class Builder {
    private int maxMapSize = DEFAULT_MAX_MAP_SIZE;
    private int stripes = Runtime.getRuntime().availableProcessors();

    private Builder() {}

    /**
     * How many places each sketch has at most, of which three quarters are used.
     *
     * @param maxMapSize a power of two in 8..2^26. Default: {@link #DEFAULT_MAX_MAP_SIZE}
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public Builder maxMapSize(int maxMapSize) {
      Require.argument(
          Integer.bitCount(maxMapSize) == 1 && maxMapSize >= 8 && maxMapSize <= 1 << 26,
          "maxMapSize must be a power of two in 8..67108864: %s",
          maxMapSize);
      this.maxMapSize = maxMapSize;
      return this;
    }

    /**
     * How many sketches threads are spread over.
     *
     * @param stripes at least 1. Default: one per processor
     * @return this builder
     * @throws IllegalArgumentException if it is less
     */
    public Builder stripes(int stripes) {
      Require.argument(stripes >= 1, "stripes must be at least 1: %s", stripes);
      this.stripes = stripes;
      return this;
    }

    /**
     * Makes the counter.
     *
     * @return the counter
     * @throws IllegalStateException if DataSketches is not on the class path
     */
    public TokenStatistics build() {
      OptionalLibrary.DATASKETCHES.require("TokenStatistics");
      return new TokenStatistics(this);
    }
  }
}
