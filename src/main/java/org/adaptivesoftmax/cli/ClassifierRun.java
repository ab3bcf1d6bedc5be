package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.cli.ClassifierResult.Course;
import org.adaptivesoftmax.cli.ClassifierResult.Quality;
import org.adaptivesoftmax.cli.ClassifierResult.Skipped;
import org.adaptivesoftmax.cli.ClassifierResult.Speed;
import org.adaptivesoftmax.cli.ClassifierResult.Trained;
import org.adaptivesoftmax.export.ClassifierExporter;
import org.adaptivesoftmax.internal.io.UnfinishedDirectory;
import org.adaptivesoftmax.model.TextClassifierConfiguration;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.ProvenanceKeys;
import org.adaptivesoftmax.training.Calibration;
import org.adaptivesoftmax.training.ClassMetrics;
import org.adaptivesoftmax.training.ClassifierData;
import org.adaptivesoftmax.training.ClassifierListener.Epoch;
import org.adaptivesoftmax.training.ClassifierLoss;
import org.adaptivesoftmax.training.ClassifierLoss.Kind;
import org.adaptivesoftmax.training.ClassifierTrainer;
import org.adaptivesoftmax.training.ClassifierTraining;
import org.jspecify.annotations.Nullable;

/**
 * From encoded examples to an exported classifier: training, test, export.
 *
 * @param corpus what the examples are called
 * @param data the examples
 * @param configuration of the classifier
 * @param training how it is trained
 * @param directory where the model becomes the next version
 * @param calibrate whether the logits are divided by a temperature in the end
 * @param top how many classes an answer of the exported model has, or null for the default
 */
record ClassifierRun(
    String corpus,
    ClassifierData data,
    TextClassifierConfiguration configuration,
    ClassifierTraining training,
    ModelDirectory directory,
    boolean calibrate,
    @Nullable Integer top) {
  ClassifierResult call() throws IOException, InterruptedException {
    ClassifierExporter.Builder exporter =
        ClassifierExporter.builder(configuration, data.vocabulary(), data.labels());
    if (top != null) {
      exporter.topK(top);
    }
    exporter.build();
    System.err.printf(
        "%s: %,d training, %,d validation, %,d test examples, %,d n-grams, %,d classes%n",
        corpus,
        data.train().size(),
        data.validation().size(),
        data.test().size(),
        configuration.ngrams(),
        configuration.classes());
    try (ClassifierTrainer trainer =
        new ClassifierTrainer(configuration, training, data.train(), data.validation())) {
      List<Epoch> epochs = new ArrayList<>();
      Epoch best;
      try (ClassifierProgress progress = new ClassifierProgress(epochs)) {
        best = trainer.train(progress);
      }
      ClassMetrics test = trainer.evaluate(data.test());
      Calibration calibration = calibrate ? trainer.calibrate(data.test()) : null;
      exporter.provenance(provenance(best, test, calibration));
      Path model = export(trainer, exporter.build(), directory);
      return new ClassifierResult(
          Quality.of(test, best.validation()),
          Speed.of(epochs, data.train().size()),
          new Trained(epochs.size(), best.epoch(), configuration.classes(), configuration.ngrams()),
          Course.of(epochs),
          Skipped.of(epochs),
          calibration,
          model.toString());
    }
  }

  private static Path export(
      ClassifierTrainer trainer, ClassifierExporter exporter, ModelDirectory directory)
      throws IOException {
    // What a killed process leaves there, the next to publish deletes.
    try (UnfinishedDirectory unfinished = UnfinishedDirectory.create(directory.base())) {
      Path weights = unfinished.directory().resolve("weights");
      trainer.save(weights);
      return exporter.publish(directory, weights);
    }
  }

  private Map<String, Object> provenance(
      Epoch best, ClassMetrics test, @Nullable Calibration calibration) {
    Map<String, Object> provenance = new LinkedHashMap<>();
    provenance.put(ProvenanceKeys.CORPUS, corpus);
    provenance.put("batch", training.batch());
    provenance.put("learning_rate", training.learningRate().first());
    provenance.put("loss", loss(training.loss()));
    provenance.put("epochs", training.epochs());
    provenance.putAll(outcome(best, test, calibration));
    return provenance;
  }

  /** What came of a training, for a model's provenance. */
  static Map<String, Object> outcome(
      Epoch best, ClassMetrics test, @Nullable Calibration calibration) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("best_epoch", best.epoch());
    values.put("accuracy", test.accuracy());
    values.put("macro_f1", test.macroF1());
    values.put("validation_accuracy", best.validation().accuracy());
    if (calibration != null) {
      values.put("temperature", calibration.temperature());
    }
    return values;
  }

  /** A loss for a model's provenance. */
  static Map<String, Object> loss(ClassifierLoss loss) {
    String kind = Choice.name(loss.kind());
    if (loss.kind() != Kind.AS_SOFTMAX) {
      return Map.of("kind", kind);
    }
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("kind", kind);
    values.put("delta", loss.delta());
    values.put("initial_delta", loss.initialDelta());
    values.put("warmup_ratio", loss.warmupRatio());
    values.put("accumulate", loss.accumulate());
    values.put("accumulate_lambda", loss.accumulateLambda());
    return values;
  }
}
