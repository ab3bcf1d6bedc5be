package org.adaptivesoftmax.text;

import java.util.Arrays;
import java.util.stream.Stream;
import org.apache.datasketches.frequencies.ErrorType;
import org.apache.datasketches.frequencies.ItemsSketch;

/** Counts of tokens with bounds, in bounded memory; for one thread at a time. Without DataSketches this class does not link. */
final class TokenSketch {
  private final ItemsSketch<TokenKey> sketch;
  private long tokens;
  private long documents;
  private long overlong;

  /**
   * @param maxMapSize a power of two
   */
  TokenSketch(int maxMapSize) {
    sketch = new ItemsSketch<>(maxMapSize);
  }

  void add(String token) {
    tokens++;
    if (token.length() > TokenStatistics.MAX_TOKEN_LENGTH) {
      overlong++;
    } else {
      sketch.update(new TokenKey(token));
    }
  }

  void addDocument() {
    documents++;
  }

  void merge(TokenSketch other) {
    sketch.merge(other.sketch);
    tokens = Math.addExact(tokens, other.tokens);
    documents += other.documents;
    overlong += other.overlong;
  }

  long tokens() {
    return tokens;
  }

  long documents() {
    return documents;
  }

  /** The most that the count of a token of legal length is below the truth. */
  long error() {
    return sketch.getMaximumError();
  }

  /** How many tokens were too long to be listed. */
  long overlong() {
    return overlong;
  }

  /** A count that is not above the truth. */
  long lowerBound(String token) {
    return sketch.getLowerBound(new TokenKey(token));
  }

  /** All tokens that are kept, each with its lower bound, in no order. */
  Stream<TokenCount> kept() {
    return Arrays.stream(sketch.getFrequentItems(ErrorType.NO_FALSE_NEGATIVES))
        .map(row -> new TokenCount(row.getItem().token(), row.getLowerBound()));
  }
}
