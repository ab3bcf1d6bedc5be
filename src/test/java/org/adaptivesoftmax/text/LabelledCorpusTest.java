package org.adaptivesoftmax.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelledCorpusTest {
  private final Path file;

  LabelledCorpusTest(@TempDir Path directory) {
    file = directory.resolve("examples.tsv");
  }

  private LabelledCorpus corpus(String content) throws IOException {
    return LabelledCorpus.ofFile(Files.writeString(file, content));
  }

  private static List<Example> examples(LabelledCorpus corpus) throws IOException {
    List<Example> examples = new ArrayList<>();
    corpus.forEachExample(examples::add);
    return examples;
  }

  @Test
  void readsLabelsAndTexts() throws IOException {
    assertThat(examples(corpus("\uFEFFone two\ta text\r\nb\twith a\ttab\n b \tspaces stay ")))
        .containsExactly(
            new Example("one two", "a text", file.toString(), 1),
            new Example("b", "with a\ttab", file.toString(), 2),
            new Example(" b ", "spaces stay ", file.toString(), 3));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a_x;b y                 | 2: no tab between label and text
          a_x;;b_y                | 2: no tab between label and text
          a_x;_y                  | 2: no label before the tab
          a_x;b^_x                | 2: label has a control character
          a_x;b_x;b_              | 3: no text after the tab
          """)
  void namesTheLineOfAMalformedExample(String content, String message) {
    String lines = content.replace(';', '\n').replace('_', '\t').replace('^', '\r');
    assertThatThrownBy(() -> examples(corpus(lines)))
        .isInstanceOf(TextFileException.class)
        .hasMessage(file + ":" + message);
  }

  @Test
  void refusesFilesWithoutExamples() throws IOException {
    assertThatThrownBy(() -> examples(corpus("")))
        .isInstanceOf(TextFileException.class)
        .hasMessage(file + ": empty, it needs at least one line label<TAB>text");
    assertThatThrownBy(() -> LabelledCorpus.ofFile(file.resolveSibling("none")))
        .isInstanceOf(TextFileException.class)
        .hasMessageEndingWith("none: no such file");
    Files.write(file, "a\tgood\nb\tcaf\u00E9\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> examples(LabelledCorpus.ofFile(file)))
        .hasMessage(file + ":2: not valid UTF-8");
  }

  @Test
  void partsDivideTheExamplesByTheirTexts() throws IOException {
    StringBuilder content = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      content.append("label").append(i % 3).append("\ttext ").append(i / 2).append('\n');
    }
    LabelledCorpus whole = corpus(content.toString());
    Map<String, Split> splits = new HashMap<>();
    List<Example> all = new ArrayList<>();
    for (Split split : Split.values()) {
      for (Example example : examples(whole.part(split))) {
        all.add(example);
        assertThat(splits.putIfAbsent(example.text(), split)).isIn(null, split);
      }
    }
    assertThat(all).containsExactlyInAnyOrderElementsOf(examples(whole));
    assertThat(examples(whole.part(Split.TRAIN)).size()).isBetween(850, 950);
  }

  @Test
  void aPartWithoutExamplesIsAnError() throws IOException {
    LabelledCorpus one = corpus("a\ttext\n");
    Split other = Split.of("text") == Split.TEST ? Split.TRAIN : Split.TEST;
    assertThatThrownBy(() -> examples(one.part(other)))
        .isInstanceOf(TextFileException.class)
        .hasMessageContaining(file + ", ")
        .hasMessageEndingWith(" split: no example");
  }

  @Test
  void wordNetHas45Labels() throws IOException {
    Set<String> labels = new HashSet<>();
    List<Example> examples = examples(LabelledCorpus.wordNet());
    examples.forEach(example -> labels.add(example.label()));
    assertThat(examples).hasSize(117_791);
    assertThat(labels).containsExactlyInAnyOrderElementsOf(WordNet.LEXICOGRAPHER_FILES);
    assertThat(examples.get(0).label()).isEqualTo("noun.Tops");
    assertThat(examples.get(0).text()).startsWith("that which is perceived or known");
  }

  @Test
  void whatTheActionThrowsArrivesUnchanged() {
    TextFileException thrown = TextFileException.at("somewhere", 3, "wrong");
    assertThatThrownBy(
            () ->
                LabelledCorpus.wordNet()
                    .forEachExample(
                        example -> {
                          throw thrown;
                        }))
        .isSameAs(thrown);
  }
}
