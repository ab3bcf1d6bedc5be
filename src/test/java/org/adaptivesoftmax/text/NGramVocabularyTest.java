package org.adaptivesoftmax.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NGramVocabularyTest {
  private final Path directory;

  NGramVocabularyTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private LabelledCorpus corpus(String name, String content) throws IOException {
    return LabelledCorpus.ofFile(Files.writeString(directory.resolve(name), content));
  }

  @Test
  void ngramsAreWordsThenPairs() {
    assertThat(NGrams.of("Don't go, Ann!"))
        .containsExactly("don't", "go", ",", "ann", "!", "don't go", "go ,", ", ann", "ann !");
    assertThat(NGrams.of("one")).containsExactly("one");
    assertThat(NGrams.of(" \t")).isEmpty();
  }

  @Test
  void ranksByCountThenByName() throws IOException {
    LabelledCorpus training = corpus("train.tsv", "x\tb a b a\ny\tb c\nx\tb c d\n");
    NGramVocabulary all = NGramVocabulary.builder().minCount(1).build(training);
    assertThat(all.ngrams()).containsExactly("b", "a", "b a", "b c", "c", "a b", "c d", "d");
    assertThat(NGramVocabulary.builder().build(training).ngrams())
        .containsExactly("b", "a", "b a", "b c", "c");
    assertThat(NGramVocabulary.builder().maxSize(2).build(training).ngrams())
        .containsExactly("b", "a");
    assertThat(all.ranks("b a z b c")).containsExactly(0, 1, 0, 4, 2, 3);
    assertThat(all.ranks("nothing known")).isEmpty();
  }

  @Test
  void encodesExamplesInTheirOrder() throws IOException {
    LabelledCorpus training = corpus("train.tsv", "y\tb a b a\nx\tunseen\nx\tb\n");
    NGramVocabulary vocabulary = NGramVocabulary.builder().build(training);
    Labels labels = Labels.of(training);
    assertThat(labels.names()).containsExactly("x", "y");
    EncodedExamples encoded = EncodedExamples.of(training, vocabulary, labels);
    assertThat(encoded.size()).isEqualTo(3);
    assertThat(encoded.classOf(0)).isEqualTo(1);
    assertThat(encoded.classOf(2)).isZero();
    for (int i = 0; i < 3; i++) {
      String text = new String[] {"b a b a", "unseen", "b"}[i];
      assertThat(encoded.ranks(i)).isEqualTo(vocabulary.ranks(text));
    }
    assertThat(encoded.ranks(1)).isEmpty();
  }

  @Test
  void namesTheLineOfALabelThatTrainingLacks() throws IOException {
    LabelledCorpus training = corpus("train.tsv", "x\ta a\ny\ta\n");
    LabelledCorpus test = corpus("test.tsv", "x\ta\nz\ta\n");
    NGramVocabulary vocabulary = NGramVocabulary.builder().build(training);
    Labels labels = Labels.of(training);
    assertThatThrownBy(() -> EncodedExamples.of(test, vocabulary, labels))
        .isInstanceOf(TextFileException.class)
        .hasMessage(test.name() + ":2: label 'z' is not in the training data");
  }

  @Test
  void refusesWhatNothingCanBeLearnedFrom() throws IOException {
    LabelledCorpus one = corpus("one.tsv", "x\ta\nx\tb\n");
    assertThatThrownBy(() -> Labels.of(one))
        .isInstanceOf(TextFileException.class)
        .hasMessage(one.name() + ": one class only, 'x': a classifier needs at least two");
    assertThatThrownBy(() -> NGramVocabulary.builder().build(one))
        .isInstanceOf(TextFileException.class)
        .hasMessage(one.name() + ": no word occurs 2 times or more");
    assertThatThrownBy(() -> NGramVocabulary.builder().maxSize(0))
        .hasMessage("maxSize must be at least 1: 0");
    assertThatThrownBy(() -> NGramVocabulary.builder().minCount(0))
        .hasMessage("minCount must be at least 1: 0");
  }
}
