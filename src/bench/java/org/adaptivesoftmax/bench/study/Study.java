package org.adaptivesoftmax.bench.study;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.adaptivesoftmax.internal.io.OptionalLibrary;
import org.adaptivesoftmax.model.TextClassifierConfiguration;
import org.adaptivesoftmax.training.ClassMetrics;
import org.adaptivesoftmax.training.ClassifierData;
import org.adaptivesoftmax.training.ClassifierListener;
import org.adaptivesoftmax.training.ClassifierListener.Epoch;
import org.adaptivesoftmax.training.ClassifierTrainer;
import org.adaptivesoftmax.training.ClassifierTraining;
import org.jspecify.annotations.Nullable;

/**
 * Trains a classifier for each data set, seed and variant. The variants of a seed follow one another, so that whatever else
 * the machine does meets all of them.
 *
 * @param data the data sets
 * @param settings what all runs share
 * @param directory where the runs are kept; those that are there with the same settings are not done again
 * @param progress hears a line for each run
 */
public record Study(
    List<StudyData> data, StudySettings settings, Path directory, Consumer<String> progress) {
  private static final String RUNS = "runs";

  /**
   * Does the runs that are not done yet.
   *
   * @return all runs
   * @throws IOException if data cannot be read, or runs cannot be written
   * @throws InterruptedException if the thread is interrupted; the runs that are done are kept
   */
  public StudyReport run() throws IOException, InterruptedException {
    OptionalLibrary.XCHART.require("the plot");
    List<StudyRun> runs = new ArrayList<>();
    for (StudyData set : data) {
      runs.addAll(new DataSet(set).run());
    }
    StudyReport report = StudyReport.of(settings, runs);
    write(report);
    return report;
  }

  /** The report as Markdown and JSON, and its curves, beside the runs. */
  private void write(StudyReport report) throws IOException {
    Files.writeString(directory.resolve("report.md"), report.markdown());
    Files.writeString(
        directory.resolve("report.json"), RunFiles.JSON.writeValueAsString(report) + "\n");
    StudyPlots.write(report, directory);
  }

  /** The runs of one data set, which is read if there is a run to be done. */
  private final class DataSet {
    private final StudyData set;
    private final RunFiles files = new RunFiles(directory.resolve(RUNS));
    private @Nullable ClassifierData examples;

    DataSet(StudyData set) {
      this.set = set;
    }

    List<StudyRun> run() throws IOException, InterruptedException {
      List<StudyRun> runs = new ArrayList<>();
      for (long seed = 1; seed <= settings.seeds(); seed++) {
        for (Variant variant : Variant.all(settings.delta())) {
          String description = training(variant, settings.epochs()).toString();
          Optional<StudyRun> done = files.find(set.name(), variant.name(), seed, description);
          StudyRun run = done.isPresent() ? done.get() : train(variant, seed, description);
          progress.accept(
              "%s, %s, seed %d%s: accuracy %.4f, %.1f s"
                  .formatted(
                      set.name(),
                      variant.name(),
                      seed,
                      done.isPresent() ? " (done before)" : "",
                      run.best().accuracy(),
                      run.best().trainSeconds()));
          runs.add(run);
        }
      }
      return runs;
    }

    private StudyRun train(Variant variant, long seed, String description)
        throws IOException, InterruptedException {
      ClassifierData read = examples;
      if (read == null) {
        read = set.read();
        examples = read;
        // The first training of a process is slower, and is not measured.
        trained(read, training(variant, 1), seed, ClassifierListener.SILENT);
      }
      List<Epoch> epochs = new ArrayList<>();
      ClassifierListener recorder =
          new ClassifierListener() {
            @Override
            public void epochDone(Epoch epoch) {
              epochs.add(epoch);
            }
          };
      Trained trained = trained(read, training(variant, settings.epochs()), seed, recorder);
      StudyRun run = result(variant, seed, description, trained, epochs);
      files.write(run);
      return run;
    }

    private StudyRun result(
        Variant variant, long seed, String description, Trained trained, List<Epoch> epochs) {
      return new StudyRun(
          set.name(),
          variant.name(),
          seed,
          description,
          new StudyRun.Best(
              trained.test.accuracy(),
              trained.test.macroF1(),
              epochs.stream().mapToDouble(Epoch::seconds).sum(),
              trained.best.epoch()),
          new StudyRun.Epochs(
              epochs.stream().map(Epoch::seconds).toList(),
              epochs.stream().map(Epoch::trainLoss).toList(),
              epochs.stream().map(epoch -> epoch.validation().loss()).toList(),
              epochs.stream().map(epoch -> epoch.validation().accuracy()).toList(),
              epochs.stream().map(Epoch::finishedRatio).toList(),
              epochs.stream().map(Epoch::accumulationSteps).toList()));
    }
  }

  /** What a training gave: its best epoch and that epoch's metrics of the test examples. */
  private record Trained(Epoch best, ClassMetrics test) {}

  private static ClassifierTraining training(Variant variant, int epochs) {
    return ClassifierTraining.builder()
        .epochs(epochs)
        .patience(epochs)
        .loss(variant.loss())
        .build();
  }

  private static Trained trained(
      ClassifierData data, ClassifierTraining training, long seed, ClassifierListener listener)
      throws InterruptedException {
    TextClassifierConfiguration configuration =
        TextClassifierConfiguration.builder()
            .ngrams(data.vocabulary().size())
            .classes(data.labels().size())
            .seed(seed)
            .build();
    try (ClassifierTrainer trainer =
        new ClassifierTrainer(configuration, training, data.train(), data.validation())) {
      Epoch best = trainer.train(listener);
      return new Trained(best, trainer.evaluate(data.test()));
    }
  }
}
