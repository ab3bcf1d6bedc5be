package org.adaptivesoftmax.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Path;
import java.util.List;
import org.adaptivesoftmax.model.TextClassifierConfiguration;
import org.adaptivesoftmax.training.ClassMetrics;
import org.adaptivesoftmax.training.ClassifierListener.Epoch;

/**
 * What training a classifier gave. Metrics are those of the weights of the best epoch; lists have an element for each
 * epoch.
 *
 * @param accuracy share of the test examples that are classified right
 * @param macroF1 mean over classes of F1 on the test examples
 * @param validationAccuracy the same as accuracy for the validation examples
 * @param trainSeconds of all epochs, validation not counted
 * @param examplesPerSecond examples learned from in that time, by second
 * @param maskedRowRatio share of the training examples that were finished: all classes but the right one dropped
 * @param accumulationSteps batches of the epoch's last optimizer step
 * @param epochs that were trained
 * @param bestEpoch the one whose weights were kept, counted from 1
 * @param classes number of classes
 * @param vocabulary number of n-grams
 * @param trainLoss mean loss of the training examples
 * @param validationLoss mean loss of the validation examples
 * @param validationAccuracies accuracy on the validation examples
 * @param delta AS-Softmax's δ at the end; 1 for softmax
 * @param seconds that training took
 * @param model the directory of the exported version
 */
record ClassifierResult(
    double accuracy,
    @JsonProperty("macro_f1") double macroF1,
    double validationAccuracy,
    double trainSeconds,
    double examplesPerSecond,
    List<Double> maskedRowRatio,
    List<Integer> accumulationSteps,
    int epochs,
    int bestEpoch,
    int classes,
    int vocabulary,
    List<Double> trainLoss,
    List<Double> validationLoss,
    List<Double> validationAccuracies,
    List<Double> delta,
    List<Double> seconds,
    String model)
    implements CommandResult {
  static ClassifierResult of(
      ClassMetrics test,
      Epoch best,
      List<Epoch> epochs,
      int examples,
      TextClassifierConfiguration configuration,
      Path model) {
    double seconds = epochs.stream().mapToDouble(Epoch::seconds).sum();
    return new ClassifierResult(
        test.accuracy(),
        test.macroF1(),
        best.validation().accuracy(),
        seconds,
        (double) examples * epochs.size() / seconds,
        epochs.stream().map(Epoch::finishedRatio).toList(),
        epochs.stream().map(Epoch::accumulationSteps).toList(),
        epochs.size(),
        best.epoch(),
        configuration.classes(),
        configuration.ngrams(),
        epochs.stream().map(Epoch::trainLoss).toList(),
        epochs.stream().map(epoch -> epoch.validation().loss()).toList(),
        epochs.stream().map(epoch -> epoch.validation().accuracy()).toList(),
        epochs.stream().map(Epoch::delta).toList(),
        epochs.stream().map(Epoch::seconds).toList(),
        model.toString());
  }

  @Override
  public String text() {
    return String.join(
        System.lineSeparator(),
        "%-28s %.4f".formatted("accuracy", accuracy),
        "%-28s %.4f".formatted("macro F1", macroF1),
        "%-28s %.4f".formatted("validation accuracy", validationAccuracy),
        "%-28s %d of %d".formatted("best epoch", bestEpoch, epochs),
        "%-28s %.1f %%"
            .formatted("finished in the last epoch", 100 * maskedRowRatio.get(epochs - 1)),
        "%-28s %.1f".formatted("training seconds", trainSeconds),
        "%-28s %,.0f".formatted("training examples per second", examplesPerSecond),
        "%-28s %s".formatted("model", model));
  }
}
