package org.adaptivesoftmax.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.text.CountsAbout.Parent;
import org.adaptivesoftmax.text.CountsAbout.Totals;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CountsDirectoryTest {
  private static final CountsAbout ABOUT =
      new CountsAbout(
          new Totals(6, 3, 2),
          0,
          Tokenizer.ID,
          List.of(new TextSource("a.txt", 12, "00ff")),
          LocalDate.of(2026, 1, 2),
          List.of(new Parent("old", "ff00")));
  private static final List<TokenCount> COUNTS =
      List.of(new TokenCount("b", 4), new TokenCount("a", 1), new TokenCount("c", 1));

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private CountsDirectory counts;
  private Path tsv;
  private Path json;

  @BeforeEach
  void write() throws IOException {
    counts = CountsDirectory.write(directory.resolve("counts"), ABOUT, COUNTS);
    tsv = counts.path().resolve("counts.tsv");
    json = counts.path().resolve("about.json");
  }

  @Test
  void readsWhatItWrote() throws IOException {
    assertThat(counts.about()).isEqualTo(ABOUT);
    assertThat(tsv).hasContent("b\t4\na\t1\nc\t1\n");
    assertThat(counts.readWords().byWord())
        .containsExactly(Map.entry("b", 4L), Map.entry("a", 1L), Map.entry("c", 1L));
    assertThat(counts.readWords().words()).isEqualTo(6);
    assertThat(counts.readWords().lines()).isEqualTo(2);
  }

  @Test
  void aVocabularyOfCountsIsThatOfTheText() throws IOException {
    Corpus text = LinesCorpus.of("the dog and the cat", "a dog", "the end");
    Vocabulary ofText = Vocabulary.of(WordCounts.of(text));
    CountsDirectory counted = TokenCounter.builder().build().count(text, directory.resolve("text"));
    Vocabulary ofCounts = Vocabulary.of(counted.readWords());
    assertThat(ofCounts.words()).isEqualTo(ofText.words());
    assertThat(ofCounts.counts()).isEqualTo(ofText.counts());
  }

  /** Where rare tokens are left out, these train the unknown word, and no other is taken for it. */
  @Test
  void whatCountsLeaveOutTrainsTheUnknownWord() throws IOException {
    Corpus text = LinesCorpus.of("the dog and the cat and a dog");
    CountsDirectory counted =
        TokenCounter.builder().minCount(2).build().count(text, directory.resolve("text"));
    Vocabulary vocabulary = Vocabulary.of(counted.readWords());
    assertThat(vocabulary.count(vocabulary.unknownRank())).isEqualTo(2);
    assertThat(vocabulary.count(vocabulary.rank("dog"))).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "b 4/a x/c 1 | :2: not a count: 'x'",
        "b 4/a 0/c 1 | :2: not a count: '0'",
        "b 4/a 99999999999999999999/c 1 | :2: not a count: '99999999999999999999'",
        "b 4/a/c 1 | :2: not token<TAB>count: 'a'",
        "b 4/c 1/a 1 | :3: counts must decrease, ties by token: 'a'",
        "b 1/a 4/c 1 | :2: counts must decrease, ties by token: 'a'",
        "b 9223372036854775807/a 1 | :2: counts add up to 2^63 or more",
        "b 4/a 1/b 1 | : 'b' a second time",
        "b 4/a 1 | : 5 tokens, 2 distinct, but about.json tells of 6 and 3: is it complete?",
        "b 4/a 2/c 1 | : 7 tokens, 3 distinct, but about.json tells of 6 and 3: is it complete?"
      })
  void namesWhatIsWrongWithCounts(String content, String problem) throws IOException {
    Files.writeString(tsv, content.replace('/', '\n').replace(' ', '\t') + "\n");
    assertThatThrownBy(counts::read)
        .isInstanceOf(TextFileException.class)
        .hasMessage(tsv + problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"tokens\" : 6 | \"tokens\" : \"six\" | tokens is no whole number: \"six\"",
        "\"tokens\" : 6 | \"tokens\" : -6 | tokens must be at least 0: -6",
        "\"documents\" | \"lines\" | no documents",
        "2026-01-02 | soon | Text 'soon' could not be parsed at index 0"
      })
  void namesWhatIsWrongWithTheDescription(String good, String bad, String problem)
      throws IOException {
    Files.writeString(json, Files.readString(json).replace(good, bad));
    assertThatThrownBy(counts::about)
        .isInstanceOf(TextFileException.class)
        .hasMessage(json + ": " + problem);
  }

  @Test
  void namesWhatIsMissing() throws IOException {
    Files.delete(tsv);
    assertThatThrownBy(counts::read)
        .hasMessage(counts.path() + ": no counts directory, it has no counts.tsv");
    Files.writeString(json, "{");
    assertThatThrownBy(counts::about)
        .isInstanceOf(TextFileException.class)
        .hasMessageStartingWith(json + ": not JSON: Unexpected end-of-input");
    Files.delete(json);
    assertThatThrownBy(counts::about)
        .hasMessage(counts.path() + ": no counts directory, it has no about.json");
  }

  @Test
  void writesNothingThatItCouldNotRead() {
    Path place = directory.resolve("new");
    assertRefused(
        place, ABOUT, COUNTS.subList(0, 2), "distinct must be the number of counts, 2: 3");
    assertRefused(
        place,
        ABOUT,
        List.of(new TokenCount("b", 5), COUNTS.get(1), COUNTS.get(2)),
        "tokens must be the sum of the counts, 7: 6");
    assertRefused(
        place,
        ABOUT,
        List.of(COUNTS.get(1), COUNTS.get(0)),
        "counts must decrease, ties by token: TokenCount[token=b, count=4] after"
            + " TokenCount[token=a, count=1]");
    for (TokenCount bad :
        List.of(
            new TokenCount("", 1),
            new TokenCount("a\tb", 1),
            new TokenCount("a\n", 1),
            new TokenCount("a", 0))) {
      assertRefused(
          place,
          ABOUT,
          List.of(bad),
          "a count needs a token without tabs and line ends, and must be at least 1: " + bad);
    }
  }

  private static void assertRefused(
      Path place, CountsAbout about, List<TokenCount> counts, String message) {
    assertThatThrownBy(() -> CountsDirectory.write(place, about, counts))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThat(place).doesNotExist();
  }
}
