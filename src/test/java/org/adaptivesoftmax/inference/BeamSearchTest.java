package org.adaptivesoftmax.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.text.Vocabulary;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Beam search on an exported model against the same model in plain Java and all its continuations. */
class BeamSearchTest {
  private static final String TEXT = "the dog";

  private static TinyLanguageModel tiny;
  private static SavedLanguageModel model;

  @BeforeAll
  static void export(@TempDir Path directory) throws IOException {
    tiny = TinyLanguageModel.save(directory, Softmax.ADAPTIVE);
    model = SavedLanguageModel.load(tiny.export(directory));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.6, 3})
  void aBeamThatDropsNothingIsAnExhaustiveSearch(double lengthPenalty) {
    BeamOptions options =
        BeamOptions.defaults().width(20_000).maxWords(3).lengthPenalty(lengthPenalty);
    List<Continuation> found = model.beam(TEXT, options);
    List<Continuation> all = new ArrayList<>();
    exhaust("", 0, 0, options, all);
    all.sort(Comparator.comparingDouble(Continuation::score).reversed());
    assertThat(found).hasSameSizeAs(all);
    for (int i = 0; i < 200; i++) {
      assertThat(found.get(i).score()).isCloseTo(all.get(i).score(), within(1e-3));
    }
    // Scores that are equal but for rounding may stand in any order.
    assertThat(found.stream().map(Continuation::words))
        .containsExactlyInAnyOrderElementsOf(all.stream().map(Continuation::words).toList());
    assertThat(found.get(0).words()).isEqualTo(all.get(0).words());
    assertThat(found.get(0).ended()).isEqualTo(all.get(0).ended());
  }

  /** Score and length penalty written out, depth first. */
  private static void exhaust(
      String words, int count, double logProb, BeamOptions options, List<Continuation> all) {
    if (count == options.maxWords()) {
      all.add(continuation(words, count, logProb, options, false));
      return;
    }
    double[] next = tiny.naive().next(TEXT + " " + words);
    Vocabulary vocabulary = tiny.vocabulary();
    for (int rank = 0; rank < vocabulary.size(); rank++) {
      if (rank == vocabulary.boundaryRank()) {
        all.add(continuation(words, count + 1, logProb + next[rank], options, true));
      } else if (rank != vocabulary.unknownRank()) {
        String longer = (words + " " + vocabulary.word(rank)).strip();
        exhaust(longer, count + 1, logProb + next[rank], options, all);
      }
    }
  }

  private static Continuation continuation(
      String words, int length, double logProb, BeamOptions options, boolean ended) {
    double penalty = Math.pow((5.0 + length) / 6, options.lengthPenalty());
    return new Continuation(words, logProb, logProb / penalty, ended);
  }

  @Test
  void anyBeamsProbabilitiesAreTheModels() {
    for (int width = 1; width < 8; width++) {
      List<Continuation> found = model.beam(TEXT, BeamOptions.defaults().width(width).maxWords(6));
      assertThat(found).hasSizeBetween(1, width);
      assertThat(found)
          .isSortedAccordingTo(Comparator.comparingDouble(Continuation::score).reversed());
      for (Continuation one : found) {
        double logProb = tiny.naive().score((TEXT + " " + one.words()).strip());
        logProb -= tiny.naive().score(TEXT);
        if (one.ended()) {
          String whole = (TEXT + " " + one.words()).strip();
          logProb += tiny.naive().next(whole)[tiny.vocabulary().boundaryRank()];
        }
        assertThat(one.logProb()).isCloseTo(logProb, within(1e-3));
        assertThat(one.words()).doesNotContain(Vocabulary.UNKNOWN, Vocabulary.BOUNDARY);
      }
    }
  }

  @Test
  void aWiderBeamMayFindBetter() {
    BeamOptions options = BeamOptions.defaults().maxWords(3).width(1);
    double exhaustive = model.beam("", options.width(20_000)).get(0).score();
    for (int width = 1; width < 10; width++) {
      assertThat(model.beam("", options.width(width)).get(0).score())
          .isLessThanOrEqualTo(exhaustive + 1e-4);
    }
  }

  @Test
  void badOptionsAreRefused() {
    BeamOptions defaults = BeamOptions.defaults();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> defaults.width(0))
        .withMessage("width must be at least 1: 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> defaults.lengthPenalty(-1))
        .withMessage("lengthPenalty must be at least 0 and finite: -1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> defaults.maxWords(0))
        .withMessage("maxWords must be at least 1: 0");
  }
}
