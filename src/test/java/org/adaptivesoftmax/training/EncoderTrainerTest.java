package org.adaptivesoftmax.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.adaptivesoftmax.model.ComputePrecision;
import org.adaptivesoftmax.model.EncoderClassifierConfiguration;
import org.adaptivesoftmax.pytorch.PretrainedEncoder;
import org.adaptivesoftmax.text.EncoderGolden;
import org.adaptivesoftmax.text.LabelledCorpus;
import org.adaptivesoftmax.training.ClassifierListener.Epoch;
import org.adaptivesoftmax.training.ClassifierLoss.Skipping;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("slow")
class EncoderTrainerTest {
  @TempDir private Path directory;
  private PretrainedEncoder pretrained;
  private EncoderData data;

  @BeforeEach
  void read() throws IOException {
    pretrained = PretrainedEncoder.read(EncoderGolden.directory());
    data = EncoderData.read(TinyExamples.ofPieces(directory, 150), pretrained.tokenizer(), 24);
  }

  private EncoderTrainer trainer(EncoderTraining training) throws IOException {
    EncoderClassifierConfiguration configuration =
        EncoderClassifierConfiguration.builder(pretrained.configuration())
            .classes(data.labels().size())
            .maxLength(24)
            .dropout(0.1)
            .build();
    return new EncoderTrainer(configuration, pretrained, training, data.train(), data.validation());
  }

  private static EncoderTraining training(Skipping skipping, int epochs) {
    return EncoderTraining.builder()
        .epochs(epochs)
        .batch(16)
        .optimizer(EncoderOptimizer.withRate(3e-3))
        .loss(ClassifierLoss.asSoftmax().delta(0.1).skipping(skipping).build())
        .build();
  }

  @Test
  void learnsAndSkipsMoreFromEpochToEpoch() throws Exception {
    try (EncoderTrainer trainer = trainer(training(Skipping.SPECULATIVE, 4))) {
      Epoch best = trainer.train(Optional.empty(), ClassifierListener.SILENT);
      List<Epoch> epochs = trainer.epochs();
      assertThat(best.validation().accuracy()).isGreaterThan(0.8);
      assertThat(trainer.evaluate(data.validation())).isEqualTo(best.validation());
      assertThat(epochs.get(3).finishedRatio()).isGreaterThan(epochs.get(0).finishedRatio());
      assertThat(epochs.get(3).rows().guessed()).isLessThan(0.9);
      for (Epoch epoch : epochs) {
        double unfinished = 1 - epoch.finishedRatio();
        assertThat(epoch.rows().missed()).isBetween(0.0, unfinished);
        assertThat(epoch.rows().guessed()).isBetween(0.0, 1.0);
      }
      float[] logProbs = trainer.logProbs(data.test())[0];
      double sum =
          IntStream.range(0, logProbs.length).mapToDouble(i -> Math.exp(logProbs[i])).sum();
      assertThat(sum).isCloseTo(1, within(1e-5));
    }
  }

  private static EncoderTraining.Builder builder() {
    return EncoderTraining.builder().epochs(4).batch(16).optimizer(EncoderOptimizer.withRate(3e-3));
  }

  /** Rounded products, forward and backward, plain and in a second pass. */
  @ParameterizedTest
  @EnumSource(value = Skipping.class, names = "TWO_PASS", mode = EnumSource.Mode.EXCLUDE)
  void learnsByProductsInBfloat16(Skipping skipping) throws Exception {
    ClassifierLoss loss = ClassifierLoss.asSoftmax().delta(0.1).skipping(skipping).build();
    EncoderTraining training = builder().loss(loss).precision(ComputePrecision.BFLOAT16).build();
    try (EncoderTrainer trainer = trainer(training)) {
      Epoch best = trainer.train(Optional.empty(), ClassifierListener.SILENT);
      assertThat(best.validation().accuracy()).isGreaterThan(0.8);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = ClassifierLoss.Kind.class,
      names = {"SPARSEMAX", "ENTMAX15", "FOCAL"})
  void learnsByOtherLosses(ClassifierLoss.Kind kind) throws Exception {
    try (EncoderTrainer trainer = trainer(builder().loss(ClassifierLoss.of(kind)).build())) {
      Epoch best = trainer.train(Optional.empty(), ClassifierListener.SILENT);
      assertThat(best.validation().accuracy()).isGreaterThan(0.8);
      assertThat(best.delta()).isEqualTo(1);
    }
  }

  /** A batch of nothing but texts without a piece is learned from, and is answered. */
  @Test
  void textsWithoutPiecesAreExamplesToo() throws Exception {
    Path file = directory.resolve("empty.tsv");
    // Spaces of no width, which the tokenizer leaves out.
    Files.writeString(file, "fox\t\u200b\nhello\t\u200b\u200b\n".repeat(16));
    LabelledCorpus empty = LabelledCorpus.ofFile(file);
    EncoderData read =
        EncoderData.read(new EncoderData.Corpora(empty, empty, empty), pretrained.tokenizer(), 24);
    EncoderClassifierConfiguration configuration =
        EncoderClassifierConfiguration.builder(pretrained.configuration())
            .classes(2)
            .maxLength(24)
            .build();
    try (EncoderTrainer trainer =
        new EncoderTrainer(
            configuration, pretrained, builder().build(), read.train(), read.validation())) {
      Epoch best = trainer.train(Optional.empty(), ClassifierListener.SILENT);
      assertThat(best.validation().accuracy()).isEqualTo(0.5);
      assertThat(trainer.logProbs(read.test())[0])
          .containsExactly(
              new float[] {(float) Math.log(0.5), (float) Math.log(0.5)}, within(0.3f));
    }
  }

  /** Ends the training within the second epoch, as a signal does. */
  private static final class Interrupting implements ClassifierListener {
    @Override
    public void batchDone(BatchDone batch) {
      if (batch.epoch() == 2) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void anInterruptedTrainingGoesOnToTheSameWeights() throws Exception {
    EncoderTraining training = training(Skipping.SPECULATIVE, 3);
    Path checkpoints = directory.resolve("checkpoints");
    float[][] expected;
    List<Epoch> epochs;
    try (EncoderTrainer trainer = trainer(training)) {
      trainer.train(Optional.empty(), ClassifierListener.SILENT);
      expected = trainer.logProbs(data.test());
      epochs = trainer.epochs();
    }
    try (EncoderTrainer trainer = trainer(training)) {
      assertThatThrownBy(() -> trainer.train(Optional.of(checkpoints), new Interrupting()))
          .isInstanceOf(InterruptedException.class);
    }
    try (EncoderTrainer trainer = trainer(training)) {
      assertThat(trainer.resume(directory.resolve("none"))).isFalse();
      assertThat(trainer.resume(checkpoints)).isTrue();
      assertThat(trainer.epochs()).hasSize(1);
      List<Integer> trained = new ArrayList<>();
      trainer.train(
          Optional.of(checkpoints),
          new ClassifierListener() {
            @Override
            public void epochDone(Epoch epoch) {
              trained.add(epoch.epoch());
            }
          });
      assertThat(trained).containsExactly(2, 3);
      float[][] resumed = trainer.logProbs(data.test());
      for (int i = 0; i < expected.length; i++) {
        assertThat(resumed[i]).containsExactly(expected[i], within(1e-5f));
      }
      assertThat(trainer.epochs().stream().map(Epoch::finishedRatio).toList())
          .isEqualTo(epochs.stream().map(Epoch::finishedRatio).toList());
    }
    try (EncoderTrainer other = trainer(training(Skipping.NONE, 3))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> other.resume(checkpoints))
          .withMessageContaining(
              "has another training.loss.skipping: \"SPECULATIVE\", not \"NONE\"");
    }
  }

  @Test
  void batchesHaveEveryExampleOnceAndLittlePadding() {
    List<int[]> batches = LengthBatches.of(data.train(), 16, 7, 1);
    assertThat(batches.stream().flatMapToInt(Arrays::stream).sorted().toArray())
        .isEqualTo(IntStream.range(0, data.train().size()).toArray());
    long padded = 0;
    long tokens = 0;
    for (int[] batch : batches) {
      padded +=
          (long) batch.length * Arrays.stream(batch).map(data.train()::length).max().orElse(0);
      tokens += Arrays.stream(batch).map(data.train()::length).sum();
    }
    assertThat((double) padded / tokens).isLessThan(1.1);
    assertThat(LengthBatches.of(data.train(), 16, 7, 1).get(0)).isEqualTo(batches.get(0));
    assertThat(LengthBatches.of(data.train(), 16, 7, 2).get(0)).isNotEqualTo(batches.get(0));
  }

  @Test
  void theRateRisesAndFalls() {
    WarmUp rate = new WarmUp(8, 0.4);
    assertThat(IntStream.rangeClosed(1, 10).mapToDouble(step -> rate.at(step, 10)).toArray())
        .containsExactly(
            new double[] {2, 4, 6, 8, 8, 8 * 5 / 6.0, 8 * 4 / 6.0, 4, 8 * 2 / 6.0, 8 / 6.0},
            within(1e-12));
    assertThat(new WarmUp(8, 0).at(1, 10)).isEqualTo(8);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new WarmUp(8, 1))
        .withMessage("warmUp must be in [0, 1): 1.0");
  }

  @Test
  void moreLayersThanThereAreCannotBeFrozen() {
    EncoderTraining training = EncoderTraining.builder().frozenLayers(4).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trainer(training).close())
        .withMessage("frozenLayers must be at most the encoder's 3: 4");
  }
}
