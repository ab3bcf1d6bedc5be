package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.training.LanguageModelText;
import org.adaptivesoftmax.training.TrainingConfiguration;
import org.junit.jupiter.api.Test;

class StepTimesTest {
  /** 40,000 words of which all but a few occur once: a full softmax has twenty times the work. */
  @Test
  void aFullSoftmaxTakesLonger() throws Exception {
    LanguageModelConfiguration model =
        LanguageModelConfiguration.builder()
            .vocabulary(40_000)
            .cutoffs(List.of(500, 5_000))
            .embedding(32)
            .hidden(64)
            .build();
    TrainingConfiguration training = TrainingConfiguration.builder().batch(16).steps(10).build();
    int[] words =
        new Random(1)
            .doubles(16 * 10 * 40)
            .mapToInt(uniform -> (int) (40_000 * Math.pow(uniform, 8)))
            .toArray();
    StepTimes times =
        StepTimes.measure(model, training, new LanguageModelText(words, new int[] {1}, 0));
    assertThat(times.speedup()).isGreaterThan(1);
    assertThat(times.fullSoftmaxStepMs() / times.stepMs()).isCloseTo(times.speedup(), within(1e-9));
  }
}
