package org.adaptivesoftmax.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.training.Calibration;
import org.adaptivesoftmax.training.ClassMetrics;
import org.adaptivesoftmax.training.ClassifierListener.Epoch;
import org.jspecify.annotations.Nullable;

/**
 * What training a classifier gave.
 *
 * @param quality of the weights of the best epoch
 * @param speed of all epochs
 * @param trained what was trained
 * @param course of the training, by epoch
 * @param skipped what speculative skipping guessed, by epoch
 * @param calibration what temperature scaling was worth on the test examples; null without it
 * @param model the directory of the exported version
 */
record ClassifierResult(
    @JsonUnwrapped Quality quality,
    @JsonUnwrapped Speed speed,
    @JsonUnwrapped Trained trained,
    @JsonUnwrapped Course course,
    @JsonUnwrapped Skipped skipped,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Calibration calibration,
    String model)
    implements CommandResult {
  /**
   * How well examples are classified.
   *
   * @param accuracy share of the test examples that are classified right
   * @param macroF1 mean over classes of F1 on the test examples
   * @param validationAccuracy accuracy on the validation examples
   */
  record Quality(
      double accuracy, @JsonProperty("macro_f1") double macroF1, double validationAccuracy) {
    static Quality of(ClassMetrics test, ClassMetrics validation) {
      return new Quality(test.accuracy(), test.macroF1(), validation.accuracy());
    }
  }

  /**
   * How long training took, validation not counted.
   *
   * @param trainSeconds of all epochs
   * @param examplesPerSecond examples learned from in that time, by second
   */
  record Speed(double trainSeconds, double examplesPerSecond) {
    static Speed of(List<Epoch> epochs, int examples) {
      double seconds = epochs.stream().mapToDouble(Epoch::seconds).sum();
      return new Speed(seconds, (double) examples * epochs.size() / seconds);
    }
  }

  /**
   * What was trained.
   *
   * @param epochs number of epochs
   * @param bestEpoch the one whose weights were kept, counted from 1
   * @param classes number of classes
   * @param vocabulary number of n-grams, or of an encoder's pieces
   */
  record Trained(int epochs, int bestEpoch, int classes, int vocabulary) {}

  /**
   * What each epoch gave.
   *
   * @param maskedRowRatio share of the training examples that were finished: all classes but the right one dropped
   * @param accumulationSteps batches of the epoch's last optimizer step
   * @param trainLoss mean loss of the training examples
   * @param validationLoss mean loss of the validation examples
   * @param validationAccuracies accuracy on the validation examples
   * @param delta AS-Softmax's δ at the end; 1 for softmax
   * @param seconds that training took
   */
  record Course(
      List<Double> maskedRowRatio,
      List<Integer> accumulationSteps,
      List<Double> trainLoss,
      List<Double> validationLoss,
      List<Double> validationAccuracies,
      List<Double> delta,
      List<Double> seconds) {
    static Course of(List<Epoch> epochs) {
      return new Course(
          epochs.stream().map(Epoch::finishedRatio).toList(),
          epochs.stream().map(Epoch::accumulationSteps).toList(),
          epochs.stream().map(Epoch::trainLoss).toList(),
          epochs.stream().map(epoch -> epoch.validation().loss()).toList(),
          epochs.stream().map(epoch -> epoch.validation().accuracy()).toList(),
          epochs.stream().map(Epoch::delta).toList(),
          epochs.stream().map(Epoch::seconds).toList());
    }
  }

  /**
   * Shares of the training examples.
   *
   * @param guessedUnfinishedRatio guessed unfinished; 1 without speculative skipping
   * @param missedRatio guessed finished, and unfinished indeed
   */
  record Skipped(List<Double> guessedUnfinishedRatio, List<Double> missedRatio) {
    static Skipped of(List<Epoch> epochs) {
      return new Skipped(
          epochs.stream().map(epoch -> epoch.rows().guessed()).toList(),
          epochs.stream().map(epoch -> epoch.rows().missed()).toList());
    }
  }

  @Override
  public String text() {
    List<String> lines =
        new ArrayList<>(
            List.of(
                "%-28s %.4f".formatted("accuracy", quality.accuracy),
                "%-28s %.4f".formatted("macro F1", quality.macroF1),
                "%-28s %.4f".formatted("validation accuracy", quality.validationAccuracy)));
    if (calibration != null) {
      lines.add("%-28s %.4f".formatted("calibration error", calibration.error()));
      lines.add(
          "%-28s %.4f, at temperature %.3f"
              .formatted("scaled", calibration.scaledError(), calibration.temperature()));
    }
    lines.addAll(
        List.of(
            "%-28s %d of %d".formatted("best epoch", trained.bestEpoch, trained.epochs),
            "%-28s %.1f %%"
                .formatted(
                    "finished in the last epoch",
                    100 * course.maskedRowRatio.get(trained.epochs - 1)),
            "%-28s %.1f".formatted("training seconds", speed.trainSeconds),
            "%-28s %,.0f".formatted("training examples per second", speed.examplesPerSecond),
            "%-28s %s".formatted("model", model)));
    return String.join(System.lineSeparator(), lines);
  }
}
