package org.adaptivesoftmax.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class VocabularyTest {
  private static final Corpus CORPUS = LinesCorpus.of("b b b a a", "b a c c", "b d", "b");

  @Test
  void ranksWordsByCountThenByName() throws IOException {
    Vocabulary vocabulary = Vocabulary.builder().unknownShare(0).build(WordCounts.of(CORPUS));
    assertThat(vocabulary.words()).containsExactly("b", "</s>", "a", "c", "d", "<unk>");
    assertThat(vocabulary.counts()).containsExactly(6, 4, 3, 2, 1, 0);
    assertThat(vocabulary.size()).isEqualTo(6);
    assertThat(vocabulary.boundaryRank()).isEqualTo(1);
    assertThat(vocabulary.unknownRank()).isEqualTo(5);
    assertThat(vocabulary.hasCounts()).isTrue();
    assertThat(vocabulary).hasToString("Vocabulary of 6 words");
    for (int rank = 0; rank < 6; rank++) {
      assertThat(vocabulary.rank(vocabulary.word(rank))).isEqualTo(rank);
      assertThat(vocabulary.contains(vocabulary.word(rank))).isTrue();
    }
    assertThat(vocabulary.rank("zebra")).isEqualTo(5);
    assertThat(vocabulary.contains("zebra")).isFalse();
  }

  @Test
  void tiesAreInNaturalOrderSpecialEntriesIncluded() throws IOException {
    Vocabulary vocabulary = Vocabulary.of(WordCounts.of(LinesCorpus.of("b ~ b 0 ~ 0", "x x")));
    assertThat(vocabulary.words()).containsExactly("0", "</s>", "b", "x", "~", "<unk>");
  }

  @Test
  void wordsLeftOutCountAsUnknown() throws IOException {
    WordCounts counts = WordCounts.of(CORPUS);
    Vocabulary bySize = Vocabulary.builder().maxSize(4).build(counts);
    assertThat(bySize.words()).containsExactly("b", "</s>", "<unk>", "a");
    assertThat(bySize.counts()).containsExactly(6, 4, 3, 3);
    Vocabulary byCount = Vocabulary.builder().minCount(3).build(counts);
    assertThat(byCount.words()).isEqualTo(bySize.words());
    Vocabulary exact = Vocabulary.builder().maxSize(6).unknownShare(1).build(counts);
    assertThat(exact.words()).containsExactly("b", "</s>", "a", "c", "<unk>", "d");
    assertThat(exact.counts()).containsExactly(6, 4, 3, 2, 1, 0);
  }

  @Test
  void aShareOfTheWordsSeenOnceTrainsTheUnknownWord() throws IOException {
    String[] lines =
        IntStream.range(0, 10_000)
            .mapToObj(i -> "word" + i + " twice" + i / 2)
            .toArray(String[]::new);
    WordCounts counts = WordCounts.of(LinesCorpus.of(lines));
    for (double share : new double[] {0, 0.1, 0.5, 1}) {
      Vocabulary vocabulary = Vocabulary.builder().unknownShare(share).build(counts);
      assertThat(vocabulary.size()).isEqualTo(15_002);
      long unknown = vocabulary.count(vocabulary.unknownRank());
      assertThat(unknown).isBetween((long) (share * 10_000) - 200, (long) (share * 10_000) + 200);
      List<String> untrained = vocabulary.words().subList(15_002 - (int) unknown, 15_002);
      assertThat(untrained).allMatch(word -> word.startsWith("word"));
      assertThat(Arrays.stream(vocabulary.counts()).filter(count -> count == 0).count())
          .isEqualTo(share == 0 ? 1 : unknown);
      assertThat(Arrays.stream(vocabulary.counts()).sum()).isEqualTo(30_000);
    }
    assertThat(Vocabulary.of(counts).words())
        .isEqualTo(Vocabulary.builder().unknownShare(0.5).build(counts).words());
  }

  @Property(tries = 300)
  void countsAddUpAndNeverIncrease(
      @ForAll @NotEmpty @Size(max = 30)
          List<@StringLength(min = 1, max = 12) @CharRange(from = 'a', to = 'e') String> lines,
      @ForAll @IntRange(min = 3, max = 20) int maxSize,
      @ForAll @IntRange(min = 1, max = 2) int minCount,
      @ForAll @DoubleRange(max = 1) double share)
      throws IOException {
    WordCounts counts =
        WordCounts.of(new LinesCorpus(Stream.concat(lines.stream(), Stream.of("x x")).toList()));
    Vocabulary vocabulary =
        Vocabulary.builder().maxSize(maxSize).minCount(minCount).unknownShare(share).build(counts);
    assertThat(vocabulary.size()).isBetween(3, maxSize);
    assertThat(Arrays.stream(vocabulary.counts()).sum()).isEqualTo(counts.words() + counts.lines());
    for (int rank = 1; rank < vocabulary.size(); rank++) {
      long before = vocabulary.count(rank - 1);
      assertThat(vocabulary.count(rank)).isBetween(0L, before);
      if (vocabulary.count(rank) == before) {
        assertThat(vocabulary.word(rank)).isGreaterThan(vocabulary.word(rank - 1));
      }
    }
  }

  @Test
  void refusesBadSettings() throws IOException {
    Vocabulary.Builder builder = Vocabulary.builder();
    assertMessage(() -> builder.maxSize(2), "maxSize must be at least 3: 2");
    assertMessage(() -> builder.minCount(0), "minCount must be at least 1: 0");
    assertMessage(() -> builder.unknownShare(-0.1), "unknownShare must be in 0..1: -0.1");
    assertMessage(() -> builder.unknownShare(1.1), "unknownShare must be in 0..1: 1.1");
    assertMessage(() -> builder.unknownShare(Double.NaN), "unknownShare must be in 0..1: NaN");
    WordCounts counts = WordCounts.of(CORPUS);
    assertMessage(
        () -> Vocabulary.builder().minCount(7).build(counts),
        "minCount leaves no word in the vocabulary: 7");
    Vocabulary vocabulary = Vocabulary.of(counts);
    assertMessage(() -> vocabulary.word(6), "rank must be in 0..5: 6");
    assertMessage(() -> vocabulary.count(-1), "rank must be in 0..5: -1");
  }

  @Test
  void cannotBeChanged() throws IOException {
    Vocabulary vocabulary = Vocabulary.of(WordCounts.of(CORPUS));
    vocabulary.counts()[0] = 99;
    assertThat(vocabulary.count(0)).isEqualTo(6);
    assertThatThrownBy(() -> vocabulary.words().set(0, "x"))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  private static void assertMessage(Runnable call, String message) {
    assertThatThrownBy(call::run).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }
}
