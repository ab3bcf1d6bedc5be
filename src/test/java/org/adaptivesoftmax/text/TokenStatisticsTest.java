package org.adaptivesoftmax.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenStatisticsTest {
  private static final int SMALL = 64;

  private static TokenStatistics small(int stripes) {
    return TokenStatistics.builder().maxMapSize(SMALL).stripes(stripes).build();
  }

  /** Tokens whose frequencies fall as fast as those of words do. */
  private static List<String> zipf(int tokens, int distinct, long seed) {
    Random random = new Random(seed);
    return IntStream.range(0, tokens)
        .mapToObj(i -> "w" + (int) Math.pow(distinct, random.nextDouble()))
        .toList();
  }

  private static Map<String, Long> exact(List<String> tokens) {
    return tokens.stream()
        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
  }

  @Property(tries = 200)
  void boundsHoldTheTruth(
      @ForAll @IntRange(min = 1, max = 5_000) int tokens,
      @ForAll @IntRange(min = 1, max = 3_000) int distinct,
      @ForAll long seed) {
    List<String> text = zipf(tokens, distinct, seed);
    TokenStatistics statistics = small(1);
    text.forEach(statistics::add);
    LiveCounts counts = statistics.snapshot();
    assertThat(counts.tokens()).isEqualTo(tokens);
    assertThat((double) counts.maxError()).isLessThanOrEqualTo(3.5 * tokens / SMALL);
    exact(text)
        .forEach(
            (token, count) -> {
              assertThat(counts.lowerBound(token)).isLessThanOrEqualTo(count);
              assertThat(counts.upperBound(token)).isGreaterThanOrEqualTo(count);
              assertThat(count - counts.lowerBound(token)).isLessThanOrEqualTo(counts.maxError());
            });
  }

  @Property(tries = 100)
  void boundsHoldTheTruthOfASum(
      @ForAll @IntRange(min = 1, max = 3_000) int tokens, @ForAll long seed) {
    List<String> first = zipf(tokens, 2_000, seed);
    List<String> second = zipf(tokens, 500, seed + 1);
    TokenStatistics statistics = small(1);
    statistics.addAll(first);
    TokenStatistics other = small(1);
    other.addAll(second);
    statistics.merge(other);
    LiveCounts counts = statistics.snapshot();
    assertThat(counts.tokens()).isEqualTo(2L * tokens);
    assertThat(counts.documents()).isEqualTo(2);
    assertThat((double) counts.maxError()).isLessThanOrEqualTo(3.5 * 2 * tokens / SMALL);
    List<String> both = new ArrayList<>(first);
    both.addAll(second);
    exact(both)
        .forEach(
            (token, count) ->
                assertThat(count)
                    .isBetween(
                        counts.lowerBound(token), counts.lowerBound(token) + counts.maxError()));
    assertThat(other.snapshot().tokens()).isEqualTo(tokens);
  }

  @Test
  void countsOfFewTokensAreExact() {
    TokenStatistics statistics = small(3);
    statistics.addText("The dogs' owner can't pay the dogs.");
    statistics.addText("   ");
    statistics.add("the");
    LiveCounts counts = statistics.snapshot();
    assertThat(counts.ranked().subList(0, 2))
        .containsExactly(new TokenCount("the", 3), new TokenCount("dogs", 2));
    assertThat(counts.tokens()).isEqualTo(10);
    assertThat(counts.documents()).isOne();
    assertThat(counts.maxError()).isZero();
    assertThat(counts.lowerBound("cat")).isZero();
    assertThat(counts.toWordCounts().words()).isEqualTo(10);
  }

  @Test
  void fourThreadsLoseNoToken() throws Exception {
    TokenStatistics statistics = small(4);
    TokenStatistics drained = small(1);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<?>> done = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      List<String> text = zipf(100, 1_000, thread);
      done.add(
          threads.submit(
              () -> {
                for (int i = 0; i < 2_000; i++) {
                  statistics.addAll(text);
                }
              }));
    }
    while (!done.stream().allMatch(Future::isDone)) {
      drained.merge(statistics.drain());
    }
    for (Future<?> thread : done) {
      thread.get();
    }
    threads.shutdown();
    assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    drained.merge(statistics.drain());
    assertThat(drained.snapshot().tokens()).isEqualTo(800_000);
    assertThat(drained.snapshot().documents()).isEqualTo(8_000);
    assertThat(statistics.snapshot().tokens()).isZero();
  }

  /** A sketch holds three quarters of its places at most, and no token longer than the longest allowed. */
  @Test
  void memoryIsBoundedWhateverIsCounted() {
    TokenStatistics statistics = TokenStatistics.builder().maxMapSize(1024).stripes(1).build();
    String overlong = "x".repeat(TokenStatistics.MAX_TOKEN_LENGTH + 1);
    for (int i = 0; i < 1_000_000; i++) {
      statistics.add("token" + i);
      if (i % 100_000 == 0) {
        statistics.add(overlong + i);
      }
    }
    LiveCounts counts = statistics.snapshot();
    assertThat(counts.ranked()).hasSizeLessThanOrEqualTo(768);
    assertThat(counts.ranked())
        .allMatch(count -> count.token().length() <= TokenStatistics.MAX_TOKEN_LENGTH);
    assertThat(counts.tokens()).isEqualTo(1_000_010);
    assertThat(counts.maxError()).isBetween(1L, 3_500L);
    assertThat(counts.upperBound(overlong)).isEqualTo(10);
  }

  /** The strings' own hashes are all the same; a sketch by these would need over 30 seconds. */
  @Test
  void tokensChosenToCollideAreCountedLikeOthers() {
    TokenStatistics statistics = TokenStatistics.builder().stripes(1).build();
    for (int i = 0; i < 1 << 15; i++) {
      StringBuilder token = new StringBuilder();
      for (int bit = 0; bit < 15; bit++) {
        token.append((i >> bit & 1) == 0 ? "Aa" : "BB");
      }
      statistics.add(token.toString());
    }
    assertThat(statistics.snapshot().ranked()).hasSize(1 << 15);
    assertThat(statistics.snapshot().maxError()).isZero();
  }

  @Test
  void isWrittenAndReadAsApproximateCounts(@TempDir Path directory) throws IOException {
    TokenStatistics statistics = small(2);
    statistics.addAll(zipf(5_000, 2_000, 7));
    LiveCounts counts = statistics.snapshot();
    CountsDirectory written = statistics.write(directory.resolve("counts"));
    CountsAbout about = written.about();
    assertThat(about.approximate()).isTrue();
    assertThat(about.maxError()).isEqualTo(counts.maxError());
    assertThat(about.totals().tokens()).isEqualTo(5_000);
    assertThat(about.tokenizer()).isEqualTo(Tokenizer.ID);
    WordCounts read = written.readWords();
    assertThat(read.byWord()).isEqualTo(counts.toWordCounts().byWord());
    assertThat(read.byWord().values().stream().mapToLong(Long::longValue).sum())
        .isLessThanOrEqualTo(5_000);
  }

  @Test
  void tokensThatCannotStandInAFileRaiseTheError(@TempDir Path directory) throws IOException {
    TokenStatistics statistics = TokenStatistics.builder().stripes(1).build();
    statistics.addAll(List.of("a\tb", "a\tb", "line\n", "", "\uD83D", "\0", "plain"));
    CountsDirectory written = statistics.write(directory.resolve("counts"));
    assertThat(written.about().maxError()).isEqualTo(2);
    assertThat(written.about().totals().tokens()).isEqualTo(7);
    assertThat(written.readWords().byWord()).isEqualTo(Map.of("\0", 1L, "plain", 1L));
  }

  @Test
  void nothingCountedIsNotWritten(@TempDir Path directory) throws IOException {
    assertThatThrownBy(() -> small(1).write(directory.resolve("counts")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no token was counted");
    try (var files = Files.list(directory)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void sizesOutOfRangeAreRefused() {
    assertThatThrownBy(() -> TokenStatistics.builder().maxMapSize(1000))
        .hasMessage("maxMapSize must be a power of two in 8..67108864: 1000");
    assertThatThrownBy(() -> TokenStatistics.builder().stripes(0))
        .hasMessage("stripes must be at least 1: 0");
  }
}
