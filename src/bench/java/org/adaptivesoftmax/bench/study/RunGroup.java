package org.adaptivesoftmax.bench.study;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The runs of one variant on one data set. Metrics are means over seeds with 95 % intervals; lists are means by epoch.
 *
 * @param data name of the data set
 * @param variant name of the variant
 * @param seeds number of runs
 * @param metrics of all its runs
 * @param epochs of all its runs
 * @param encoder what only runs with an encoder give; null without one
 */
public record RunGroup(
    String data,
    String variant,
    int seeds,
    @JsonUnwrapped Metrics metrics,
    @JsonUnwrapped Epochs epochs,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Encoder encoder) {
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
   * Means over runs with an encoder.
   *
   * @param processorSeconds of training, validation not counted, of all cores together
   * @param speedup processor seconds of softmax with the same seed over those of the run
   * @param calibrationError expected calibration error on the test examples
   * @param scaledCalibrationError the same after temperature scaling
   * @param guessed share of the training examples guessed unfinished, by epoch
   * @param missed share guessed finished that were not, by epoch
   */
  public record Encoder(
      Interval processorSeconds,
      Interval speedup,
      Interval calibrationError,
      Interval scaledCalibrationError,
      List<Double> guessed,
      List<Double> missed) {
    static @Nullable Encoder of(List<StudyRun> runs, List<StudyRun> baseline) {
      List<StudyRun.Encoder> known =
          runs.stream().map(StudyRun::encoder).filter(Objects::nonNull).toList();
      if (known.size() < runs.size()) {
        return null;
      }
      List<Double> speedups = new ArrayList<>();
      for (int i = 0; i < baseline.size(); i++) {
        speedups.add(processorSeconds(baseline.get(i)) / known.get(i).processorSeconds());
      }
      return new Encoder(
          Interval.of(known.stream().map(StudyRun.Encoder::processorSeconds).toList()),
          Interval.of(speedups),
          Interval.of(known.stream().map(run -> run.calibration().error()).toList()),
          Interval.of(known.stream().map(run -> run.calibration().scaledError()).toList()),
          means(known, StudyRun.Encoder::guessed),
          means(known, StudyRun.Encoder::missed));
    }

    private static double processorSeconds(StudyRun run) {
      return Objects.requireNonNull(run.encoder(), "a run with an encoder").processorSeconds();
    }
  }

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
            byEpoch(runs, StudyRun.Epochs::accumulationSteps)),
        Encoder.of(runs, baseline));
  }

  /** Whether it has another group's data and variant. */
  boolean isOf(RunGroup other) {
    return data.equals(other.data) && variant.equals(other.variant);
  }

  private static Interval interval(List<StudyRun> runs, Function<StudyRun, Double> value) {
    return Interval.of(runs.stream().map(value).toList());
  }

  private static List<Double> byEpoch(
      List<StudyRun> runs, Function<StudyRun.Epochs, List<? extends Number>> values) {
    return means(runs, run -> values.apply(run.epochs()));
  }

  private static <R> List<Double> means(List<R> runs, Function<R, List<? extends Number>> values) {
    List<Double> means = new ArrayList<>();
    for (int epoch = 0; epoch < values.apply(runs.get(0)).size(); epoch++) {
      double sum = 0;
      for (R run : runs) {
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
