package org.adaptivesoftmax.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VocabularyFileTest {
  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  Path directory;

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Vocabulary vocabulary = Vocabulary.of(WordCounts.of(Corpus.wordNet(), Split.VALIDATION));
    Path file = directory.resolve("vocabulary.tsv");
    vocabulary.write(file);
    Vocabulary read = Vocabulary.read(file);
    assertThat(read.words()).isEqualTo(vocabulary.words());
    assertThat(read.counts()).isEqualTo(vocabulary.counts());
  }

  @Test
  void theLineNumberIsTheRank() throws IOException {
    Vocabulary vocabulary =
        Vocabulary.of(WordCounts.of(LinesCorpus.of("\u00E9\u00E9 b b", "\u00E9\u00E9")));
    Path file = directory.resolve("vocabulary.tsv");
    vocabulary.write(file);
    assertThat(Files.readString(file)).isEqualTo("</s>\t2\nb\t2\n\u00E9\u00E9\t2\n<unk>\t0\n");
    vocabulary.writeWords(file);
    assertThat(Files.readString(file)).isEqualTo("</s>\nb\n\u00E9\u00E9\n<unk>\n");
    assertThat(filesIn(directory)).containsExactly(file);
  }

  @Test
  void wordsAloneAreAVocabularyWithoutCounts() throws IOException {
    Vocabulary vocabulary = Vocabulary.of(WordCounts.of(LinesCorpus.of("a b b", "b")));
    Path file = directory.resolve("words.txt");
    vocabulary.writeWords(file);
    Vocabulary read = Vocabulary.read(file);
    assertThat(read.words()).isEqualTo(vocabulary.words());
    assertThat(read.hasCounts()).isFalse();
    assertThat(read.rank("b")).isEqualTo(vocabulary.rank("b"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "</s>,3;a,2;<unk>,x|:3: not a count: 'x'",
        "</s>,3;a,-2;<unk>,0|:2: not a count: '-2'",
        "</s>,3;a,2,2;<unk>,0|:2: not a count: '2?2'",
        "</s>,9999999999999999999|:1: not a count: '9999999999999999999'",
        "</s>,3;a;<unk>,1|:2: no count",
        "</s>;a,1;<unk>|:2: a count, but line 1 has none",
        "</s>,3;,2;<unk>,1|:2: no word",
        "</s>;;<unk>|:2: no word",
        "</s>,3;a,2;a,2;<unk>,1|:3: word 'a' a second time",
        "</s>,3;a,4;<unk>,1|:2: count must not increase: 4",
        "</s>,3;a,2|: no entry <unk>",
        "<unk>;a|: no entry </s>",
      })
  void namesFileAndLineOfAnError(String content, String message) throws IOException {
    Path file = directory.resolve("bad.tsv");
    Files.writeString(file, content.replace(',', '\t').replace(';', '\n') + "\n");
    assertThatThrownBy(() -> Vocabulary.read(file))
        .isInstanceOf(TextFileException.class)
        .hasMessage(file + message);
  }

  @Test
  void refusesAMissingAnEmptyAndABinaryFile() throws IOException {
    Path missing = directory.resolve("missing");
    assertThatThrownBy(() -> Vocabulary.read(missing))
        .isInstanceOf(TextFileException.class)
        .hasMessage(missing + ": no such vocabulary file");
    Path empty = Files.createFile(directory.resolve("empty"));
    assertThatThrownBy(() -> Vocabulary.read(empty)).hasMessage(empty + ": no entry <unk>");
    Path binary = Files.write(directory.resolve("binary"), new byte[] {'a', '\n', (byte) 0xff});
    assertThatThrownBy(() -> Vocabulary.read(binary)).hasMessage(binary + ":2: not valid UTF-8");
  }

  @Test
  void aFailedWriteLeavesNothingBehind() throws IOException {
    Vocabulary vocabulary = Vocabulary.of(WordCounts.of(LinesCorpus.of("a")));
    Path occupied = directory.resolve("taken");
    Files.createDirectories(occupied.resolve("inside"));
    assertThatThrownBy(() -> vocabulary.write(occupied)).isInstanceOf(IOException.class);
    assertThat(filesIn(directory)).containsExactly(occupied);
  }

  private static List<Path> filesIn(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }
}
