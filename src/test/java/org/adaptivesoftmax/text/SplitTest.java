package org.adaptivesoftmax.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitTest {
  @Test
  void theHashNeverChanges() {
    // CRC-32 of "123456789" is cbf43926, of "" 0; then fmix32, computed independently.
    assertThat(StableHash.of("")).isZero();
    assertThat(StableHash.of("123456789")).isEqualTo(3900186531L);
    assertThat(StableHash.of("a word \u00E9")).isEqualTo(2218112082L);
  }

  @Test
  void dividesWordNet90To5To5() throws IOException {
    List<String> glosses = new ArrayList<>();
    Corpus.wordNet().forEachLine(glosses::add);
    assertProportions(glosses);
  }

  @Test
  void dividesVeryShortAndVerySimilarLines90To5To5() {
    assertProportions(IntStream.range(0, 100_000).mapToObj(Integer::toString).toList());
    assertProportions(IntStream.range(0, 100_000).mapToObj(i -> "line number " + i + ".").toList());
  }

  @Test
  void aCorpusIsItsParts() throws IOException {
    List<String> lines = IntStream.range(0, 200).mapToObj(i -> "line " + i).toList();
    Corpus corpus = new LinesCorpus(lines);
    for (Split split : Split.values()) {
      List<String> part = new ArrayList<>();
      corpus.part(split).forEachLine(part::add);
      assertThat(part)
          .isNotEmpty()
          .isEqualTo(lines.stream().filter(line -> Split.of(line) == split).toList());
    }
    assertThat(corpus.part(Split.VALIDATION).name()).isEqualTo("lines, validation part");
  }

  private static void assertProportions(List<String> lines) {
    assertThat(share(lines, Split.TRAIN)).isCloseTo(0.90, within(0.003));
    assertThat(share(lines, Split.VALIDATION)).isCloseTo(0.05, within(0.002));
    assertThat(share(lines, Split.TEST)).isCloseTo(0.05, within(0.002));
  }

  private static double share(List<String> lines, Split split) {
    return lines.stream().filter(line -> Split.of(line) == split).count() / (double) lines.size();
  }
}
