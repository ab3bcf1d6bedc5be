package org.adaptivesoftmax.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StepProfilerTest {
  private static final int VOCABULARY = 5_000;

  private static LanguageModelText text() {
    int[] words = new Random(1).ints(3_000, 0, VOCABULARY).toArray();
    return new LanguageModelText(words, new int[] {1, 2, 3}, 0);
  }

  @Test
  void tellsWhereTheTimeOfAStepGoes() {
    LanguageModelConfiguration model =
        LanguageModelConfiguration.builder()
            .vocabulary(VOCABULARY)
            .cutoffs(List.of(500, 2_000))
            .embedding(64)
            .hidden(64)
            .build();
    TrainingConfiguration training = TrainingConfiguration.builder().build();
    try (LanguageModelTrainer trainer = new LanguageModelTrainer(model, training, text());
        StepProfiler profiler = new StepProfiler(trainer)) {
      assertThat(profiler.milliseconds(3)).isPositive();
      StepProfile profile = profiler.profile(5);
      assertThat(profile.steps()).isEqualTo(5);
      assertThat(profile.host().inputMs()).isPositive();
      assertThat(profile.host().copiesMs()).isPositive();
      assertThat(profile.host().callMs()).isPositive();
      assertThat(profile.hostShare()).isBetween(0.0, 1.0);
      assertThat(profile.allocatedKb()).isBetween(2.0 * 640 * Integer.BYTES / 1e3, 100.0);
      assertThat(profile.operations())
          .containsOnlyKeys("output layer", "LSTM", "optimizer", "embedding and rest")
          .allSatisfy((part, share) -> assertThat(share).as(part).isStrictlyBetween(0.0, 1.0));
      assertThat(profile.operations().values().stream().mapToDouble(Double::doubleValue).sum())
          .isCloseTo(1, within(1e-9));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "training/adaptive_softmax/MatMul_3, output layer",
    "training/full_softmax/Softmax, output layer",
    "gradients/training/adaptive_softmax/matmul, output layer",
    "training/lstm/BlockLSTM, LSTM",
    "training/lstm_gradient/MatMul, LSTM",
    "training/adam_1/ApplyAdam_2, optimizer",
    "training/lazy_adam/Gather, optimizer",
    "training/clip/L2Loss, optimizer",
    "training/Gather, embedding and rest",
    "_retval_training/lstm_0_0, LSTM"
  })
  void partsAreToldByNameScopes(String node, String part) {
    assertThat(StepTrace.part(node)).isEqualTo(part);
  }
}
