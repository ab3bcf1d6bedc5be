package org.adaptivesoftmax.bench.study;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The runs of one variant on one data set. Metrics are means over seeds with 95 % intervals; lists are means by epoch.
 *
 * @param data name of the data set
 * @param variant name of the variant
 * @param seeds number of runs
 * @param accuracy on the test examples
 * @param accuracyAgainstSoftmax the difference to the accuracy of softmax with the same seed
 * @param macroF1 on the test examples
 * @param trainSeconds of all epochs, validation not counted
 * @param correlation of validation loss with validation accuracy over the epochs of a run
 * @param finished share of the training examples that were finished
 * @param validationAccuracy after the epoch
 * @param validationLoss after the epoch
 * @param seconds from the beginning of training to the end of the epoch, validation not counted
 * @param accumulationSteps batches of the epoch's last optimizer step
 */
public record RunGroup(
    String data,
    String variant,
    int seeds,
    Interval accuracy,
    Interval accuracyAgainstSoftmax,
    Interval macroF1,
    Interval trainSeconds,
    Interval correlation,
    List<Double> finished,
    List<Double> validationAccuracy,
    List<Double> validationLoss,
    List<Double> seconds,
    List<Double> accumulationSteps) {
  /**
   * Puts runs together.
   *
   * @param runs of one variant on one data set
   * @param baseline those of softmax on the same data set, by the same seeds
   */
  static RunGroup of(List<StudyRun> runs, List<StudyRun> baseline) {
    List<Double> differences = new ArrayList<>();
    for (int i = 0; i < baseline.size(); i++) {
      differences.add(runs.get(i).accuracy() - baseline.get(i).accuracy());
    }
    return new RunGroup(
        runs.get(0).data(),
        runs.get(0).variant(),
        runs.size(),
        interval(runs, StudyRun::accuracy),
        Interval.of(differences),
        interval(runs, StudyRun::macroF1),
        interval(runs, StudyRun::trainSeconds),
        interval(runs, run -> Correlation.of(run.validationLoss(), run.validationAccuracy())),
        byEpoch(runs, StudyRun::finished),
        byEpoch(runs, StudyRun::validationAccuracy),
        byEpoch(runs, StudyRun::validationLoss),
        byEpoch(runs, run -> sums(run.seconds())),
        byEpoch(runs, StudyRun::accumulationSteps));
  }

  private static Interval interval(List<StudyRun> runs, Function<StudyRun, Double> value) {
    return Interval.of(runs.stream().map(value).toList());
  }

  private static List<Double> byEpoch(
      List<StudyRun> runs, Function<StudyRun, ? extends List<? extends Number>> values) {
    List<Double> means = new ArrayList<>();
    for (int epoch = 0; epoch < values.apply(runs.get(0)).size(); epoch++) {
      double sum = 0;
      for (StudyRun run : runs) {
        sum += values.apply(run).get(epoch).doubleValue();
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
