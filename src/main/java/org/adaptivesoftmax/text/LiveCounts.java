package org.adaptivesoftmax.text;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.text.CountsAbout.Totals;

/** What a {@link TokenStatistics} has counted until some time. It does not change. */
public final class LiveCounts {
  private final TokenSketch sketch;
  private final List<TokenCount> ranked;
  private final long maxError;

  LiveCounts(TokenSketch sketch) {
    this.sketch = sketch;
    List<TokenCount> kept = sketch.kept().toList();
    ranked = kept.stream().filter(LiveCounts::canStand).sorted(TokenCount.BY_RANK).toList();
    long unlisted =
        kept.stream()
            .filter(count -> !canStand(count))
            .mapToLong(TokenCount::count)
            .max()
            .orElse(0);
    maxError = Math.max(sketch.error() + unlisted, sketch.overlong());
  }

  /** Whether the token can be told from others in a line of a file. {@link Tokenizer} gives no other. */
  private static boolean canStand(TokenCount count) {
    String token = count.token();
    return !token.isEmpty()
        && token.chars().noneMatch(c -> c == '\t' || c == '\n' || c == '\r')
        && StandardCharsets.UTF_8.newEncoder().canEncode(token);
  }

  TokenSketch sketch() {
    return sketch;
  }

  /** {@return the number of tokens, exactly, those that are not listed included} */
  public long tokens() {
    return sketch.tokens();
  }

  /** {@return the number of documents with a token, exactly} */
  public long documents() {
    return sketch.documents();
  }

  /** {@return the most that a token's count is below the truth; 0 if all counts are exact} */
  public long maxError() {
    return maxError;
  }

  /**
   * The least that a token was seen.
   *
   * @param token as {@link Tokenizer} gives it
   * @return a count that is not above the truth, 0 if the token is not listed
   */
  public long lowerBound(String token) {
    return sketch.lowerBound(token);
  }

  /**
   * The most that a token was seen.
   *
   * @param token as {@link Tokenizer} gives it
   * @return a count that is not below the truth
   */
  public long upperBound(String token) {
    boolean overlong = token.length() > TokenStatistics.MAX_TOKEN_LENGTH;
    return overlong ? sketch.overlong() : sketch.lowerBound(token) + sketch.error();
  }

  /** {@return each listed token with its lower bound, by decreasing count, ties by token} */
  public List<TokenCount> ranked() {
    return ranked;
  }

  /**
   * The counts as those of a text.
   *
   * @return each listed token's lower bound, with the exact totals
   */
  public WordCounts toWordCounts() {
    Map<String, Long> counts = new HashMap<>();
    ranked.forEach(count -> counts.put(count.token(), count.count()));
    return WordCounts.of(counts, totals());
  }

  private Totals totals() {
    return new Totals(tokens(), ranked.size(), documents());
  }

  /**
   * Writes the counts, of today in UTC. They are marked approximate unless all are exact: each is a lower bound, and {@code
   * max_error} is {@link #maxError}. Tokens that cannot stand in the file, as they are empty, longer than {@link
   * TokenStatistics#MAX_TOKEN_LENGTH}, or hold a tab, a line end or half a surrogate pair, are in the totals alone and raise
   * {@code max_error} to their count.
   *
   * @param place where; a counts directory that stands there is replaced
   * @return the directory
   * @throws IllegalArgumentException if nothing was counted, or something else than a counts directory stands at the place
   * @throws IOException if it cannot be written
   */
  public CountsDirectory write(Path place) throws IOException {
    Require.argument(tokens() > 0, "no token was counted");
    LocalDate today = LocalDate.now(ZoneOffset.UTC);
    return CountsDirectory.write(
        place,
        new CountsAbout(totals(), maxError, Tokenizer.ID, List.of(), today, List.of()),
        ranked);
  }
}
