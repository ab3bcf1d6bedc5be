package org.adaptivesoftmax.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.adaptivesoftmax.model.ComputePrecision;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LanguageModelTrainerTest {
  private static final int VOCABULARY = 40;

  private final Path checkpoints;

  LanguageModelTrainerTest(@TempDir Path directory) {
    this.checkpoints = directory.resolve("checkpoints");
  }

  /** Words of which each, four times out of five, is told by the one before it. */
  private static int[] text(long seed, int size) {
    Random random = new Random(seed);
    int[] words = new int[size];
    for (int i = 1; i < size; i++) {
      boolean noise = random.nextInt(5) == 0;
      words[i] =
          noise
              ? Math.min(random.nextInt(VOCABULARY), random.nextInt(VOCABULARY))
              : (7 * words[i - 1] + 3) % VOCABULARY;
    }
    return words;
  }

  private static LanguageModelText text() {
    return new LanguageModelText(text(1, 4000), text(2, 500), 0);
  }

  private static LanguageModelConfiguration.Builder model() {
    return LanguageModelConfiguration.builder()
        .vocabulary(VOCABULARY)
        .cutoffs(List.of(8, 20))
        .embedding(12)
        .hidden(32)
        .seed(3);
  }

  private static TrainingConfiguration training(int epochs) {
    return training(epochs, ComputePrecision.FLOAT32);
  }

  private static TrainingConfiguration training(int epochs, ComputePrecision precision) {
    return TrainingConfiguration.builder()
        .batch(4)
        .steps(5)
        .epochs(epochs)
        .learningRate(0.02)
        .precision(precision)
        .build();
  }

  /** Keeps every loss and every epoch's perplexity. */
  private static final class Recorder implements TrainingListener {
    private final List<Double> losses = new ArrayList<>();
    private final List<Perplexity> perplexities = new ArrayList<>();

    @Override
    public void stepDone(Step step) {
      losses.add(step.loss());
    }

    @Override
    public void epochDone(Epoch epoch) {
      perplexities.add(epoch.validation());
    }
  }

  @ParameterizedTest
  @EnumSource
  void learnsMoreThanFrequencies(Softmax softmax) throws Exception {
    try (LanguageModelTrainer trainer =
        new LanguageModelTrainer(model().softmax(softmax).build(), training(3), text())) {
      Recorder recorder = new Recorder();
      trainer.train(Optional.empty(), recorder);
      Perplexity last = recorder.perplexities.get(2);
      assertThat(last.totalWords()).isEqualTo(500);
      assertThat(last.byCluster()).hasSize(3);
      assertThat(trainer.unigramBaseline().total()).isGreaterThan(30);
      assertThat(last.total()).isLessThan(trainer.unigramBaseline().total() / 2);
    }
  }

  /** Another seed moves the perplexity of so small a text by several percent, too. */
  @ParameterizedTest
  @EnumSource
  void mixedPrecisionLearnsAsMuch(Softmax softmax) throws Exception {
    List<Double> perplexities = new ArrayList<>();
    for (ComputePrecision precision : ComputePrecision.values()) {
      try (LanguageModelTrainer trainer =
          new LanguageModelTrainer(
              model().softmax(softmax).build(), training(3, precision), text())) {
        Recorder recorder = new Recorder();
        trainer.train(Optional.empty(), recorder);
        perplexities.add(recorder.perplexities.get(2).total());
      }
    }
    assertThat(perplexities.get(0)).isLessThan(10);
    assertThat(perplexities.get(1))
        .isCloseTo(perplexities.get(0), withinPercentage(5))
        .isNotEqualTo(perplexities.get(0));
  }

  @ParameterizedTest
  @EnumSource
  void goesOnFromACheckpointWithTheNumbersOfAnUninterruptedRun(ComputePrecision precision)
      throws Exception {
    LanguageModelConfiguration model = model().dropout(0.2).build();
    Recorder whole = new Recorder();
    try (LanguageModelTrainer trainer =
        new LanguageModelTrainer(model, training(3, precision), text())) {
      trainer.train(Optional.empty(), whole);
    }

    Recorder first = new Recorder();
    try (LanguageModelTrainer trainer =
        new LanguageModelTrainer(model, training(3, precision), text())) {
      TrainingListener interrupting =
          new TrainingListener() {
            @Override
            public void stepDone(Step step) {
              first.stepDone(step);
              if (step.epoch() == 3) {
                Thread.currentThread().interrupt();
              }
            }
          };
      assertThatThrownBy(() -> trainer.train(Optional.of(checkpoints), interrupting))
          .isInstanceOf(InterruptedException.class)
          .hasMessage("interrupted in step 402");
    }
    assertThat(first.losses).hasSize(401).isEqualTo(whole.losses.subList(0, 401));

    Recorder resumed = new Recorder();
    try (LanguageModelTrainer trainer =
        new LanguageModelTrainer(model, training(3, precision), text())) {
      assertThat(trainer.resume(checkpoints)).isTrue();
      assertThat(trainer.epochsDone()).isEqualTo(2);
      trainer.train(Optional.of(checkpoints), resumed);
    }
    assertThat(resumed.losses).isEqualTo(whole.losses.subList(400, 600));
    assertThat(resumed.perplexities).isEqualTo(whole.perplexities.subList(2, 3));

    try (LanguageModelTrainer trainer =
        new LanguageModelTrainer(model, training(3, precision), text())) {
      trainer.resume(checkpoints);
      assertThat(trainer.evaluate(text().validation())).isEqualTo(whole.perplexities.get(2));
    }
  }

  @Test
  void takesNoCheckpointOfAnotherConfiguration() throws Exception {
    try (LanguageModelTrainer trainer =
        new LanguageModelTrainer(model().build(), training(1), text())) {
      assertThat(trainer.resume(checkpoints)).isFalse();
      trainer.train(Optional.of(checkpoints), TrainingListener.SILENT);
    }
    try (LanguageModelTrainer trainer =
        new LanguageModelTrainer(model().seed(4).build(), training(1), text())) {
      assertThatThrownBy(() -> trainer.resume(checkpoints))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageEndingWith("has another model.seed: 3, not 4");
    }
  }

  @Test
  void perplexityDoesNotDependOnTheWindowsLength() throws IOException {
    List<Double> totals = new ArrayList<>();
    for (int steps : new int[] {1, 7, 20}) {
      TrainingConfiguration training =
          TrainingConfiguration.builder().batch(3).steps(steps).build();
      try (LanguageModelTrainer trainer =
          new LanguageModelTrainer(model().build(), training, text())) {
        totals.add(trainer.evaluate(text().validation()).total());
      }
    }
    assertThat(totals.get(1)).isCloseTo(totals.get(0), within(1e-4));
    assertThat(totals.get(2)).isCloseTo(totals.get(0), within(1e-4));
  }

  @Test
  void namesAnIdThatIsNoWord() {
    LanguageModelText wrong = new LanguageModelText(text(1, 4000), new int[] {5, 40}, 0);
    assertThatThrownBy(() -> new LanguageModelTrainer(model().build(), training(1), wrong))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("validation holds word 40, the vocabulary is 0..39");
  }
}
