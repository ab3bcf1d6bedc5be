package org.adaptivesoftmax.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.model.TextClassifierConfiguration;
import org.adaptivesoftmax.training.ClassifierListener.Epoch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassifierTrainerTest {
  private static ClassifierData data;

  @BeforeAll
  static void write(@TempDir Path directory) throws IOException {
    data = TinyExamples.data(directory);
  }

  /** Keeps what it hears. */
  private static final class Recorder implements ClassifierListener {
    private final List<Double> losses = new ArrayList<>();
    private final List<Epoch> epochs = new ArrayList<>();

    @Override
    public void batchDone(BatchDone batch) {
      losses.add(batch.loss());
    }

    @Override
    public void epochDone(Epoch epoch) {
      epochs.add(epoch);
    }
  }

  private static ClassifierTrainer trainer(long seed, ClassifierTraining.Builder training) {
    return new ClassifierTrainer(
        TextClassifierConfiguration.builder()
            .ngrams(data.vocabulary().size())
            .classes(data.labels().size())
            .embedding(8)
            .hidden(16)
            .seed(seed)
            .build(),
        training.batch(16).learningRate(0.01).build(),
        data.train(),
        data.validation());
  }

  @Test
  void learns() throws InterruptedException {
    Recorder recorder = new Recorder();
    try (ClassifierTrainer trainer =
        trainer(1, ClassifierTraining.builder().epochs(6).patience(6))) {
      assertThat(trainer.evaluate(data.test()).accuracy()).isLessThan(0.5);
      Epoch best = trainer.train(recorder);
      ClassMetrics test = trainer.evaluate(data.test());
      assertThat(best.validation().accuracy()).isGreaterThan(0.9);
      assertThat(test.accuracy()).isGreaterThan(0.9);
      assertThat(test.macroF1()).isGreaterThan(0.9);
      assertThat(trainer.evaluate(data.validation())).isEqualTo(best.validation());
    }
    assertThat(recorder.losses).hasSize(6 * 38);
    assertThat(recorder.epochs).hasSize(6);
    assertThat(recorder.epochs.get(0).trainLoss())
        .isGreaterThan(recorder.epochs.get(5).trainLoss());
  }

  @Test
  void isAFunctionOfTheSeed() throws InterruptedException {
    List<Recorder> runs = new ArrayList<>();
    for (long seed : new long[] {7, 7, 8}) {
      Recorder recorder = new Recorder();
      try (ClassifierTrainer trainer = trainer(seed, ClassifierTraining.builder().epochs(2))) {
        trainer.train(recorder);
      }
      runs.add(recorder);
    }
    assertThat(runs.get(1).losses).isEqualTo(runs.get(0).losses);
    assertThat(runs.get(1).epochs.get(1).validation())
        .isEqualTo(runs.get(0).epochs.get(1).validation());
    assertThat(runs.get(2).losses).isNotEqualTo(runs.get(0).losses);
  }

  @Test
  void stopsWithoutImprovementAndKeepsTheBestWeights() throws InterruptedException {
    Recorder recorder = new Recorder();
    try (ClassifierTrainer trainer =
        trainer(1, ClassifierTraining.builder().epochs(60).patience(2))) {
      Epoch best = trainer.train(recorder);
      int epochs = recorder.epochs.size();
      assertThat(epochs).isLessThan(60).isEqualTo(best.epoch() + 2);
      for (Epoch epoch : recorder.epochs) {
        assertThat(epoch.validation().accuracy()).isLessThanOrEqualTo(best.validation().accuracy());
      }
      assertThat(recorder.epochs.get(epochs - 1).validation()).isNotEqualTo(best.validation());
      assertThat(trainer.evaluate(data.validation())).isEqualTo(best.validation());
    }
  }

  @Test
  void stopsWhenInterrupted() {
    ClassifierListener interrupting =
        new ClassifierListener() {
          @Override
          public void batchDone(BatchDone batch) {
            if (batch.number() == 3) {
              Thread.currentThread().interrupt();
            }
          }
        };
    try (ClassifierTrainer trainer = trainer(1, ClassifierTraining.builder())) {
      assertThatThrownBy(() -> trainer.train(interrupting))
          .isInstanceOf(InterruptedException.class)
          .hasMessage("interrupted in batch 4");
    }
  }

  @Test
  void refusesWhatIsOutOfRange() {
    assertThatThrownBy(() -> ClassifierTraining.builder().batch(0).build())
        .hasMessage("batch must be at least 1: 0");
    assertThatThrownBy(() -> ClassifierTraining.builder().epochs(0).build())
        .hasMessage("epochs must be at least 1: 0");
    assertThatThrownBy(() -> ClassifierTraining.builder().patience(0).build())
        .hasMessage("patience must be at least 1: 0");
    assertThatThrownBy(() -> ClassifierTraining.builder().learningRate(Double.NaN).build())
        .hasMessage("learningRate must be above 0 and finite: NaN");
    assertThatThrownBy(() -> TextClassifierConfiguration.builder().ngrams(3).build())
        .hasMessage("classes must be at least 2: 0");
    assertThatThrownBy(
            () -> TextClassifierConfiguration.builder().ngrams(3).classes(2).dropout(1).build())
        .hasMessage("dropout must be in [0, 1): 1.0");
  }
}
