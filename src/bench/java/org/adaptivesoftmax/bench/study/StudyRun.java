package org.adaptivesoftmax.bench.study;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;

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
 */
record StudyRun(
    String data,
    String variant,
    long seed,
    String settings,
    @JsonUnwrapped Best best,
    @JsonUnwrapped Epochs epochs) {
  /**
   * The best epoch.
   *
   * @param accuracy on the test examples
   * @param macroF1 on the test examples
   * @param trainSeconds of all epochs, validation not counted
   * @param bestEpoch counted from 1
   */
  record Best(double accuracy, double macroF1, double trainSeconds, int bestEpoch) {}

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
      List<Integer> accumulationSteps) {}
}
