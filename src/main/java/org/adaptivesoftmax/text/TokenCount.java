package org.adaptivesoftmax.text;

import java.util.Comparator;

/**
 * How often a token was seen.
 *
 * @param token as {@link Tokenizer} gives it
 * @param count at least 1
 */
public record TokenCount(String token, long count) {
  /** By decreasing count, ties by the tokens' code points: the order of a counts directory. */
  static final Comparator<TokenCount> BY_RANK =
      Comparator.comparingLong(TokenCount::count)
          .reversed()
          .thenComparing(TokenCount::token, CodePointOrder.BY_CODE_POINT);

  /** By the tokens' code points. */
  static final Comparator<TokenCount> BY_TOKEN =
      Comparator.comparing(TokenCount::token, CodePointOrder.BY_CODE_POINT);

  /** About what it takes in memory, or in a map by token, its place there included. */
  static long bytes(String token) {
    return 128 + 2L * token.length();
  }
}
