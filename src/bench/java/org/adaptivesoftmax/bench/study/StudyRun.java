package org.adaptivesoftmax.bench.study;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import org.adaptivesoftmax.training.Calibration;
import org.adaptivesoftmax.training.ClassMetrics;
import org.adaptivesoftmax.training.ClassifierListener.Epoch;
import org.jspecify.annotations.Nullable;

/**
 * One training of the study. Metrics are those of the epoch with the best validation accuracy; lists have an element for
 * each epoch.
 *
 * @param data name of the data set
 * @param variant name of the variant
 * @param seed of every random choice
 * @param settings everything else that the numbers depend on
 * @param best the epoch with the best validation accuracy
 * @param epochs all of them
 * @param encoder what only a run with an encoder gives; null without one
 */
record StudyRun(
    String data,
    String variant,
    long seed,
    String settings,
    @JsonUnwrapped Best best,
    @JsonUnwrapped Epochs epochs,
    @Nullable Encoder encoder) {
  /**
   * The best epoch.
   *
   * @param accuracy on the test examples
   * @param macroF1 on the test examples
   * @param trainSeconds of all epochs, validation not counted
   * @param bestEpoch counted from 1
   */
  record Best(double accuracy, double macroF1, double trainSeconds, int bestEpoch) {
    static Best of(Epoch best, ClassMetrics test, List<Epoch> epochs) {
      return new Best(
          test.accuracy(),
          test.macroF1(),
          epochs.stream().mapToDouble(Epoch::seconds).sum(),
          best.epoch());
    }
  }

  /**
   * What a run with an encoder gives.
   *
   * @param processorSeconds of training, validation not counted, of all cores together
   * @param calibration on the test examples
   * @param guessed share of the training examples guessed unfinished, by epoch
   * @param missed share guessed finished that were not, by epoch
   */
  record Encoder(
      double processorSeconds,
      Calibration calibration,
      List<Double> guessed,
      List<Double> missed) {}

  /**
   * A value for each epoch.
   *
   * @param seconds of the epoch, validation not counted
   * @param trainLoss mean loss of the training examples
   * @param validationLoss mean loss of the validation examples, with the final δ throughout
   * @param validationAccuracy on the validation examples
   * @param finished share of the training examples that were finished
   * @param accumulationSteps batches of the epoch's last optimizer step
   */
  record Epochs(
      List<Double> seconds,
      List<Double> trainLoss,
      List<Double> validationLoss,
      List<Double> validationAccuracy,
      List<Double> finished,
      List<Integer> accumulationSteps) {
    static Epochs of(List<Epoch> epochs) {
      return new Epochs(
          epochs.stream().map(Epoch::seconds).toList(),
          epochs.stream().map(Epoch::trainLoss).toList(),
          epochs.stream().map(epoch -> epoch.validation().loss()).toList(),
          epochs.stream().map(epoch -> epoch.validation().accuracy()).toList(),
          epochs.stream().map(Epoch::finishedRatio).toList(),
          epochs.stream().map(Epoch::accumulationSteps).toList());
    }
  }
}
