package org.adaptivesoftmax.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncoderTest {
  @Test
  void encodesWordsThenTheBoundary() throws IOException {
    Vocabulary vocabulary = Vocabulary.of(WordCounts.of(LinesCorpus.of("a a b b b", "b a b")));
    assertThat(vocabulary.words()).containsExactly("b", "a", "</s>", "<unk>");
    Encoder encoder = Encoder.forEvaluation(vocabulary);
    assertThat(encoder.encode("A zebra b")).containsExactly(1, 3, 0, 2);
    assertThat(encoder.encode(" ")).isEmpty();
    assertThat(encoder.encode(LinesCorpus.of("a", "", "b"))).containsExactly(1, 2, 0, 2);
  }

  @Test
  void onlyTrainingTurnsWordsOfCountZeroIntoUnknown() throws IOException {
    Vocabulary vocabulary =
        Vocabulary.builder().unknownShare(1).build(WordCounts.of(LinesCorpus.of("a a once")));
    assertThat(vocabulary.words()).containsExactly("a", "</s>", "<unk>", "once");
    assertThat(Encoder.forTraining(vocabulary).encode("once a")).containsExactly(2, 0, 1);
    assertThat(Encoder.forEvaluation(vocabulary).encode("once a")).containsExactly(3, 0, 1);
  }

  @Test
  void theEncodedTrainSplitHasTheCountsOfTheVocabulary() throws IOException {
    Corpus corpus = Corpus.wordNet();
    for (Vocabulary.Builder builder :
        List.of(Vocabulary.builder(), Vocabulary.builder().maxSize(5000))) {
      Vocabulary vocabulary = builder.build(WordCounts.of(corpus, Split.TRAIN));
      EncodedCorpus encoded = EncodedCorpus.of(corpus, vocabulary);
      long[] counts = new long[vocabulary.size()];
      Arrays.stream(encoded.ranks(Split.TRAIN)).forEach(rank -> counts[rank]++);
      assertThat(counts).isEqualTo(vocabulary.counts());
      assertThat(vocabulary.count(vocabulary.unknownRank())).isGreaterThan(1000);
    }
  }

  @Test
  void everyLineOfACorpusIsInItsSplitInOrder() throws IOException {
    List<String> lines = IntStream.range(0, 300).mapToObj(i -> "word" + i).toList();
    Corpus corpus = new LinesCorpus(lines);
    Vocabulary vocabulary = Vocabulary.builder().unknownShare(0).build(WordCounts.of(corpus));
    EncodedCorpus encoded = EncodedCorpus.of(corpus, vocabulary);
    for (Split split : Split.values()) {
      String text =
          Arrays.stream(encoded.ranks(split))
              .mapToObj(vocabulary::word)
              .collect(Collectors.joining(" "));
      assertThat(text)
          .isEqualTo(
              lines.stream()
                  .filter(line -> Split.of(line) == split)
                  .map(line -> line + " </s>")
                  .collect(Collectors.joining(" ")));
    }
  }

  @Test
  void trainingNeedsCounts(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("words.txt");
    Vocabulary.of(WordCounts.of(LinesCorpus.of("a b"))).writeWords(file);
    Vocabulary withoutCounts = Vocabulary.read(file);
    assertThatThrownBy(() -> Encoder.forTraining(withoutCounts))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("training needs a vocabulary with counts: Vocabulary of 4 words");
    assertThat(Encoder.forEvaluation(withoutCounts).encode("b")).hasSize(2);
  }

  @Test
  void aListOfRanksGrowsUpToTheLargestArray() {
    assertThat(RankList.longer(16)).isEqualTo(32);
    assertThat(RankList.longer(1 << 30)).isEqualTo(Integer.MAX_VALUE - 8);
    assertThatThrownBy(() -> RankList.longer(Integer.MAX_VALUE - 8))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a text of more than 2147483639 words does not fit into one array");
  }
}
