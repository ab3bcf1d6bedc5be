package org.adaptivesoftmax.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.model.TextClassifierConfiguration;
import org.adaptivesoftmax.training.ClassifierListener.Epoch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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

  @ParameterizedTest
  @EnumSource(
      value = ClassifierLoss.Kind.class,
      names = {"SPARSEMAX", "ENTMAX15", "FOCAL"})
  void otherLossesLearn(ClassifierLoss.Kind kind) throws InterruptedException {
    ClassifierTraining.Builder training =
        ClassifierTraining.builder().epochs(4).patience(4).loss(ClassifierLoss.of(kind));
    try (ClassifierTrainer trainer = trainer(1, training)) {
      double before = trainer.evaluate(data.validation()).loss();
      Epoch best = trainer.train(ClassifierListener.SILENT);
      assertThat(best.validation().accuracy()).isGreaterThan(0.9);
      assertThat(best.validation().loss()).isLessThan(before / 2);
      assertThat(best.delta()).isEqualTo(1);
      assertThat(best.finishedRatio()).isZero();
    }
  }

  /** Sparsemax's logits are too near to one another for a softmax: it is unsure of what it knows. */
  @Test
  void calibratingChangesProbabilitiesAndNoAnswer() throws InterruptedException {
    ClassifierTraining.Builder training =
        ClassifierTraining.builder()
            .epochs(4)
            .loss(ClassifierLoss.of(ClassifierLoss.Kind.SPARSEMAX));
    try (ClassifierTrainer trainer = trainer(1, training)) {
      trainer.train(ClassifierListener.SILENT);
      ClassMetrics before = trainer.evaluate(data.test());
      float[][] logProbs = trainer.logProbs(data.test());
      Calibration found = trainer.calibrate(data.test());
      assertThat(found.temperature()).isLessThan(1);
      assertThat(found.scaledError()).isLessThan(found.error());
      assertThat(trainer.evaluate(data.test()).accuracy()).isEqualTo(before.accuracy());
      float[][] scaled = trainer.logProbs(data.test());
      Calibration.Scores scores = new Calibration.Scores(scaled, data.test()::classOf);
      assertThat(scores.error(1)).isCloseTo(found.scaledError(), within(1e-4));
      for (int i = 0; i < scaled.length; i++) {
        double gap = logProbs[i][0] - logProbs[i][1];
        assertThat((double) scaled[i][0] - scaled[i][1])
            .isCloseTo(gap / found.temperature(), within(1e-3));
      }
    }
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

  private static Recorder train(ClassifierLoss loss, int epochs) throws InterruptedException {
    Recorder recorder = new Recorder();
    try (ClassifierTrainer trainer =
        trainer(5, ClassifierTraining.builder().epochs(epochs).patience(epochs).loss(loss))) {
      trainer.train(recorder);
    }
    return recorder;
  }

  @Test
  void asSoftmaxWithDelta1IsSoftmax() throws InterruptedException {
    Recorder softmax = train(ClassifierLoss.softmax(), 2);
    Recorder delta1 = train(ClassifierLoss.asSoftmax().delta(1).build(), 2);
    assertClose(delta1, softmax);
    assertThat(delta1.epochs.get(1).finishedRatio()).isZero();
    assertThat(softmax.epochs.get(1).finishedRatio()).isZero();
  }

  @Test
  void skippingFinishedRowsChangesNothing() throws InterruptedException {
    Recorder plain = train(ClassifierLoss.asSoftmax().build(), 4);
    Recorder skipping =
        train(ClassifierLoss.asSoftmax().skipping(ClassifierLoss.Skipping.TWO_PASS).build(), 4);
    assertClose(skipping, plain);
    for (int i = 0; i < 4; i++) {
      assertThat(skipping.epochs.get(i).finishedRatio())
          .isCloseTo(plain.epochs.get(i).finishedRatio(), within(2 / 600.0));
    }
    assertThat(plain.epochs.get(3).finishedRatio()).isBetween(0.5, 1.0);
  }

  private static void assertClose(Recorder actual, Recorder expected) {
    assertThat(actual.losses).hasSameSizeAs(expected.losses);
    for (int i = 0; i < expected.losses.size(); i++) {
      assertThat(actual.losses.get(i)).isCloseTo(expected.losses.get(i), within(2e-3));
    }
  }

  @Test
  void deltaFallsInTheWarmUp() throws InterruptedException {
    Recorder recorder = train(ClassifierLoss.asSoftmax().delta(0.2).warmupRatio(0.5).build(), 4);
    assertThat(recorder.epochs.get(0).delta()).isCloseTo(0.6, within(0.02));
    assertThat(recorder.epochs.get(2).delta()).isEqualTo(0.2);
    assertThat(recorder.epochs.get(0).finishedRatio())
        .isLessThan(
            train(ClassifierLoss.asSoftmax().delta(0.2).build(), 1).epochs.get(0).finishedRatio());
  }

  @Test
  void accumulatesMoreBatchesAsRowsFinish() throws InterruptedException {
    Recorder recorder = train(ClassifierLoss.asSoftmax().accumulate(4).build(), 6);
    List<Integer> steps = recorder.epochs.stream().map(Epoch::accumulationSteps).toList();
    assertThat(steps).isSorted().last().isEqualTo(4);
    assertThat(steps.get(0)).isLessThan(4);
    assertThat(recorder.epochs.get(5).validation().accuracy()).isGreaterThan(0.9);
  }

  /** λ = 2 without a finished row: one batch, then two for each step, the same as one batch twice as large. */
  @Test
  void twoAccumulatedBatchesAreOneOfTwiceTheSize() throws Exception {
    Recorder recorder = new Recorder();
    ClassifierLoss one = ClassifierLoss.asSoftmax().delta(1).build();
    ClassifierLoss two =
        ClassifierLoss.asSoftmax().delta(1).accumulate(2).accumulateLambda(2).build();
    ClassMetrics large;
    ClassMetrics small;
    try (ClassifierTrainer trainer = dropoutFree(one, 600, 1)) {
      trainer.train(recorder);
      large = trainer.evaluate(data.test());
    }
    // From 1 step at first the window may grow by 1: both batches of 300 are in the first window.
    try (ClassifierTrainer trainer = dropoutFree(two, 300, 1)) {
      trainer.train(recorder);
      small = trainer.evaluate(data.test());
    }
    assertThat(recorder.epochs.get(1).accumulationSteps()).isEqualTo(2);
    assertThat(small.loss()).isCloseTo(large.loss(), within(1e-5));
    assertThat(small.accuracy()).isEqualTo(large.accuracy());
  }

  private static ClassifierTrainer dropoutFree(ClassifierLoss loss, int batch, int epochs) {
    return new ClassifierTrainer(
        TextClassifierConfiguration.builder()
            .ngrams(data.vocabulary().size())
            .classes(data.labels().size())
            .embedding(8)
            .hidden(16)
            .dropout(0)
            .build(),
        ClassifierTraining.builder()
            .batch(batch)
            .epochs(epochs)
            .learningRate(0.05)
            .finalLearningRate(0.05)
            .loss(loss)
            .build(),
        data.train(),
        data.validation());
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
    assertThatThrownBy(
            () ->
                new ClassifierLoss(
                    ClassifierLoss.Kind.FOCAL, 0.1, 1, 0, 2, 1, ClassifierLoss.Skipping.NONE))
        .hasMessage("accumulate and skipping need AS-Softmax: FOCAL has no finished rows");
    assertThatThrownBy(() -> TextClassifierConfiguration.builder().ngrams(3).build())
        .hasMessage("classes must be at least 2: 0");
    assertThatThrownBy(
            () -> TextClassifierConfiguration.builder().ngrams(3).classes(2).dropout(1).build())
        .hasMessage("dropout must be in [0, 1): 1.0");
  }
}
