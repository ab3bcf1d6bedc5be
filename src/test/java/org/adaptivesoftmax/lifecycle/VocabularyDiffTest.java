package org.adaptivesoftmax.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.lifecycle.VocabularyDiff.Move;
import org.adaptivesoftmax.lifecycle.VocabularyDiff.Word;
import org.adaptivesoftmax.text.Vocabulary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VocabularyDiffTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  /** Words given by rank; those of the newer vocabulary have counts. */
  private ClusteredVocabulary vocabulary(boolean counted, String words, Integer... cutoffs)
      throws IOException {
    List<String> lines = new ArrayList<>();
    for (String word : words.split(" ", -1)) {
      lines.add(counted ? word + "\t" + (100 - lines.size()) : word);
    }
    Path file = Files.write(directory.resolve("words"), lines);
    Vocabulary read = Vocabulary.read(file);
    return new ClusteredVocabulary(read, ClusterPlan.of(64, read.size(), cutoffs));
  }

  @Test
  void tellsWhatIsNewWhatIsGoneAndWhatMoved() throws IOException {
    ClusteredVocabulary older = vocabulary(false, "</s> the <unk> dog cat fox owl", 3, 5);
    ClusteredVocabulary newer = vocabulary(true, "</s> dog the <unk> ant fox cat elk", 3, 5);
    VocabularyDiff diff = VocabularyDiff.between(older, newer);
    assertThat(diff.added()).containsExactly(new Word("ant", 1, 96), new Word("elk", 2, 93));
    assertThat(diff.dropped()).containsExactly(new Word("owl", 2, 0));
    assertThat(diff.moved())
        .containsExactly(
            new Move("dog", 1, 0, 99), new Move("<unk>", 0, 1, 97), new Move("cat", 1, 2, 94));
    assertThat(diff.kept()).isEqualTo(3);
    assertThat(diff.movedUp()).isEqualTo(1);
    assertThat(diff.movedDown()).isEqualTo(2);
  }

  @Test
  void aVocabularyDoesNotDifferFromItself() throws IOException {
    ClusteredVocabulary words = vocabulary(true, "</s> the <unk> dog", 1, 2);
    assertThat(VocabularyDiff.between(words, words))
        .isEqualTo(new VocabularyDiff(List.of(), List.of(), List.of(), 4));
    assertThat(words.clusters()).isEqualTo(3);
  }

  @Test
  void refusesThePlanOfAnotherVocabulary() throws IOException {
    Vocabulary four = vocabulary(true, "</s> the <unk> dog", 2).vocabulary();
    assertThatThrownBy(() -> new ClusteredVocabulary(four, ClusterPlan.of(64, 5, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("plan must have a class for each of 4 words: 5");
  }
}
