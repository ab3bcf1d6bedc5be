package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.adaptivesoftmax.cli.ClassifierResult.Course;
import org.adaptivesoftmax.cli.ClassifierResult.Quality;
import org.adaptivesoftmax.cli.ClassifierResult.Skipped;
import org.adaptivesoftmax.cli.ClassifierResult.Speed;
import org.adaptivesoftmax.cli.ClassifierResult.Trained;
import org.adaptivesoftmax.export.EncoderClassifierExporter;
import org.adaptivesoftmax.internal.io.FileTree;
import org.adaptivesoftmax.internal.io.TemporaryDirectory;
import org.adaptivesoftmax.model.EncoderClassifierConfiguration;
import org.adaptivesoftmax.pytorch.PretrainedEncoder;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.ProvenanceKeys;
import org.adaptivesoftmax.training.Calibration;
import org.adaptivesoftmax.training.ClassMetrics;
import org.adaptivesoftmax.training.ClassifierListener.Epoch;
import org.adaptivesoftmax.training.EncoderData;
import org.adaptivesoftmax.training.EncoderTrainer;
import org.adaptivesoftmax.training.EncoderTraining;
import org.jspecify.annotations.Nullable;

/**
 * From a pretrained encoder and examples to an exported classifier: training, test, export.
 *
 * @param corpus what the examples are called
 * @param pretrained the encoder
 * @param data the examples
 * @param configuration of the classifier
 * @param training how it is trained
 * @param calibrate whether the logits are divided by a temperature in the end
 * @param destination where the model goes
 */
record EncoderRun(
    String corpus,
    PretrainedEncoder pretrained,
    EncoderData data,
    EncoderClassifierConfiguration configuration,
    EncoderTraining training,
    boolean calibrate,
    Destination destination) {
  private static final String CHECKPOINTS = "checkpoints";

  /**
   * Where the model goes.
   *
   * @param directory whose next version it becomes
   * @param top how many classes an answer of the exported model has, or null for the default
   * @param checkpoints what becomes of an interrupted run's checkpoints
   */
  record Destination(
      ModelDirectory directory, @Nullable Integer top, CheckpointOptions checkpoints) {
    Path saved() {
      return directory.base().resolve(CHECKPOINTS);
    }

    /** Makes sure that no work is lost that nobody gave up. */
    void check() throws IOException {
      checkpoints.check(saved());
    }
  }

  ClassifierResult call() throws IOException, InterruptedException {
    EncoderClassifierExporter.Builder exporter =
        EncoderClassifierExporter.builder(configuration, pretrained.tokenizer(), data.labels());
    if (destination.top != null) {
      exporter.topK(destination.top);
    }
    exporter.build();
    describe();
    Path saved = destination.saved();
    destination.checkpoints.deleteUnlessResuming(saved);
    try (EncoderTrainer trainer =
        new EncoderTrainer(configuration, pretrained, training, data.train(), data.validation())) {
      destination.checkpoints.apply(saved, trainer::resume, () -> trainer.epochs().size());
      Epoch best;
      try (ClassifierProgress progress = new ClassifierProgress(new ArrayList<>())) {
        best = trainer.train(Optional.of(saved), progress);
      }
      List<Epoch> epochs = trainer.epochs();
      ClassMetrics test = trainer.evaluate(data.test());
      Calibration calibration = calibrate ? trainer.calibrate(data.test()) : null;
      exporter.provenance(provenance(best, test, calibration));
      Path model = export(trainer, exporter.build());
      FileTree.delete(saved);
      return new ClassifierResult(
          Quality.of(test, best.validation()),
          Speed.of(epochs, data.train().size()),
          new Trained(
              epochs.size(),
              best.epoch(),
              configuration.classes(),
              pretrained.tokenizer().pieces().size()),
          Course.of(epochs),
          Skipped.of(epochs),
          calibration,
          model.toString());
    }
  }

  private void describe() {
    System.err.printf(
        "%s: %,d training, %,d validation, %,d test examples, %,d classes; an encoder of %d layers,"
            + " %d wide%n",
        corpus,
        data.train().size(),
        data.validation().size(),
        data.test().size(),
        configuration.classes(),
        configuration.encoder().layers(),
        configuration.encoder().width());
  }

  private Path export(EncoderTrainer trainer, EncoderClassifierExporter exporter)
      throws IOException {
    try (TemporaryDirectory temporary = TemporaryDirectory.create()) {
      Path weights = temporary.path().resolve("weights");
      trainer.save(weights);
      return exporter.publish(destination.directory, weights);
    }
  }

  private Map<String, Object> provenance(
      Epoch best, ClassMetrics test, @Nullable Calibration calibration) throws IOException {
    Map<String, Object> provenance = new LinkedHashMap<>();
    provenance.put(ProvenanceKeys.CORPUS, corpus);
    provenance.put(ProvenanceKeys.ENCODER, pretrained.source());
    provenance.put("batch", training.batch());
    provenance.put("learning_rate", training.optimizer().rate().peak());
    provenance.put("weight_decay", training.optimizer().weightDecay());
    provenance.put("frozen_layers", training.frozenLayers());
    provenance.put("precision", Choice.name(training.precision()));
    provenance.put("loss", ClassifierRun.loss(training.loss()));
    provenance.put("epochs", training.epochs());
    provenance.putAll(ClassifierRun.outcome(best, test, calibration));
    return provenance;
  }
}
