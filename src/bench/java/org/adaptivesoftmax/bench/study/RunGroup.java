package org.adaptivesoftmax.bench.study;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The runs of one variant on one data set. Metrics are means over seeds with 95 % intervals; lists are means by epoch.
 *
 * @param data name of the data set
 * @param variant name of the variant
 * @param seeds number of runs
 * @param metrics of all its runs
 * @param epochs of all its runs
 */
public record RunGroup(
    String data,
    String variant,
    int seeds,
    @JsonUnwrapped Metrics metrics,
    @JsonUnwrapped Epochs epochs) {
  /**
   * Means over the runs.
   *
   * @param accuracy on the test examples
   * @param accuracyAgainstSoftmax the difference to the accuracy of softmax with the same seed
   * @param macroF1 on the test examples
   * @param trainSeconds of all epochs, validation not counted
   * @param correlation of validation loss with validation accuracy over the epochs of a run
   */
  public record Metrics(
      Interval accuracy,
      Interval accuracyAgainstSoftmax,
      Interval macroF1,
      Interval trainSeconds,
      Interval correlation) {}

  /**
   * Means over the runs by epoch.
   *
   * @param finished share of the training examples that were finished
   * @param validationAccuracy after the epoch
   * @param validationLoss after the epoch
   * @param seconds from the beginning of training to the end of the epoch, validation not counted
   * @param accumulationSteps batches of the epoch's last optimizer step
   */
  public record Epochs(
      List<Double> finished,
      List<Double> validationAccuracy,
      List<Double> validationLoss,
      List<Double> seconds,
      List<Double> accumulationSteps) {}

  /**
   * Puts runs together.
   *
   * @param runs of one variant on one data set
   * @param baseline those of softmax on the same data set, by the same seeds
   */
  static RunGroup of(List<StudyRun> runs, List<StudyRun> baseline) {
    List<Double> differences = new ArrayList<>();
    for (int i = 0; i < baseline.size(); i++) {
      differences.add(runs.get(i).best().accuracy() - baseline.get(i).best().accuracy());
    }
    return new RunGroup(
        runs.get(0).data(),
        runs.get(0).variant(),
        runs.size(),
        new Metrics(
            interval(runs, run -> run.best().accuracy()),
            Interval.of(differences),
            interval(runs, run -> run.best().macroF1()),
            interval(runs, run -> run.best().trainSeconds()),
            interval(
                runs,
                run ->
                    Correlation.of(
                        run.epochs().validationLoss(), run.epochs().validationAccuracy()))),
        new Epochs(
            byEpoch(runs, StudyRun.Epochs::finished),
            byEpoch(runs, StudyRun.Epochs::validationAccuracy),
            byEpoch(runs, StudyRun.Epochs::validationLoss),
            byEpoch(runs, epochs -> sums(epochs.seconds())),
            byEpoch(runs, StudyRun.Epochs::accumulationSteps)));
  }

  private static Interval interval(List<StudyRun> runs, Function<StudyRun, Double> value) {
    return Interval.of(runs.stream().map(value).toList());
  }

  private static List<Double> byEpoch(
      List<StudyRun> runs, Function<StudyRun.Epochs, ? extends List<? extends Number>> values) {
    List<Double> means = new ArrayList<>();
    for (int epoch = 0; epoch < values.apply(runs.get(0).epochs()).size(); epoch++) {
      double sum = 0;
      for (StudyRun run : runs) {
        sum += values.apply(run.epochs()).get(epoch).doubleValue();
      }
      means.add(sum / runs.size());
    }
    return means;
  }

  private static List<Double> sums(List<Double> values) {
    List<Double> sums = new ArrayList<>();
    double sum = 0;
    for (double value : values) {
      sum += value;
      sums.add(sum);
    }
    return sums;
  }
}
