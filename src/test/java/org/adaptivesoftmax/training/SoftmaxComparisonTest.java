package org.adaptivesoftmax.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.junit.jupiter.api.Test;

class SoftmaxComparisonTest {
  private static final int VOCABULARY = 20_000;

  private static final TrainingConfiguration TRAINING = TrainingConfiguration.builder().build();

  private static LanguageModelText text() {
    // Frequent words first: most targets are in the head.
    int[] words =
        new Random(1).doubles(3_000).mapToInt(u -> (int) (VOCABULARY * u * u * u)).toArray();
    return new LanguageModelText(words, new int[] {1, 2, 3}, 0);
  }

  private static LanguageModelConfiguration model(List<Integer> cutoffs) {
    return LanguageModelConfiguration.builder()
        .vocabulary(VOCABULARY)
        .cutoffs(cutoffs)
        .embedding(32)
        .hidden(128)
        .build();
  }

  /** Some 640 × 128 × 20,000 × 6 operations against a tenth of them: the order never depends on the machine. */
  @Test
  void aFullSoftmaxTakesLongerOnALargeVocabulary() throws Exception {
    SoftmaxComparison comparison =
        SoftmaxComparison.measure(model(List.of(1_000, 5_000)), TRAINING, text(), 3);
    assertThat(comparison.steps()).isEqualTo(3);
    assertThat(comparison.adaptiveMs()).isPositive();
    assertThat(comparison.fullMs()).isGreaterThan(comparison.adaptiveMs());
    assertThat(comparison.ratio()).isEqualTo(comparison.fullMs() / comparison.adaptiveMs());
  }

  @Test
  void endsBetweenTwoStepsWhenItIsInterrupted() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> SoftmaxComparison.measure(model(List.of(1_000)), TRAINING, text(), 3))
        .isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void needsStepsAndATailCluster() {
    assertThatThrownBy(() -> SoftmaxComparison.measure(model(List.of(1_000)), TRAINING, text(), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("steps must be at least 1: 0");
    assertThatThrownBy(() -> SoftmaxComparison.measure(model(List.of()), TRAINING, text(), 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("plan with a tail cluster");
  }

  @Test
  void timedStepsGoOnAtTheStartOfTheText() throws Exception {
    TrainingConfiguration training = TrainingConfiguration.builder().batch(1).steps(5).build();
    LanguageModelText text = new LanguageModelText(new int[12], new int[3], 0);
    try (LanguageModelTrainer trainer =
            new LanguageModelTrainer(model(List.of(1_000)), training, text);
        TimedSteps steps = new TimedSteps(trainer)) {
      // The text has two windows.
      for (int i = 0; i < 5; i++) {
        assertThat(steps.milliseconds()).isPositive();
      }
    }
  }
}
