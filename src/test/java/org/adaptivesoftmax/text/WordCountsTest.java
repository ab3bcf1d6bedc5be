package org.adaptivesoftmax.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WordCountsTest {
  @Test
  void countsWordsAndLinesThatHoldOne() throws IOException {
    WordCounts counts = WordCounts.of(LinesCorpus.of("a b A", "", " \t", "b.", "."));
    assertThat(counts.byWord()).isEqualTo(Map.of("a", 2L, "b", 2L, ".", 2L));
    assertThat(counts.words()).isEqualTo(6);
    assertThat(counts.lines()).isEqualTo(3);
  }

  @Test
  void theSplitsAddUpToTheWhole() throws IOException {
    Corpus corpus =
        new LinesCorpus(IntStream.range(0, 500).mapToObj(i -> "line " + i % 170 + " end").toList());
    WordCounts whole = WordCounts.of(corpus);
    Map<String, Long> sum = new HashMap<>();
    long words = 0;
    long lines = 0;
    for (Split split : Split.values()) {
      WordCounts part = WordCounts.of(corpus, split);
      part.byWord().forEach((word, count) -> sum.merge(word, count, Long::sum));
      words += part.words();
      lines += part.lines();
    }
    assertThat(sum).isEqualTo(whole.byWord());
    assertThat(words).isEqualTo(whole.words()).isEqualTo(1500);
    assertThat(lines).isEqualTo(whole.lines()).isEqualTo(500);
  }

  @Test
  void wordNetHasAboutSixtyThousandWords() throws IOException {
    WordCounts counts = WordCounts.of(Corpus.wordNet());
    assertThat(counts.words()).isEqualTo(1_683_149);
    assertThat(counts.byWord()).hasSize(62_087);
    assertThat(counts.lines()).isEqualTo(117_791);
  }

  @Test
  void refusesATextWithoutWords() {
    assertThatThrownBy(() -> WordCounts.of(LinesCorpus.of("", " ")))
        .isInstanceOf(TextFileException.class)
        .hasMessage("lines: no words");
    String train =
        IntStream.range(0, 100)
            .mapToObj(i -> "x" + i)
            .filter(x -> Split.of(x) == Split.TRAIN)
            .findFirst()
            .orElseThrow();
    assertThatThrownBy(() -> WordCounts.of(LinesCorpus.of(train), Split.TEST))
        .isInstanceOf(TextFileException.class)
        .hasMessage("lines: no words in the test split");
  }
}
