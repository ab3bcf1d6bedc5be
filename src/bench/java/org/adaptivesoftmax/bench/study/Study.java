package org.adaptivesoftmax.bench.study;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.adaptivesoftmax.internal.io.OptionalLibrary;
import org.jspecify.annotations.Nullable;

/**
 * Trains a classifier for each data set, seed and variant. The variants of a seed follow one another, so that whatever else
 * the machine does meets all of them.
 *
 * @param data the data sets
 * @param settings what all runs share
 * @param directory where the runs are kept; those that are there with the same settings are not done again
 * @param progress hears a line for each run
 * @param trials how runs are done
 */
public record Study(
    List<StudyData> data,
    StudySettings settings,
    Path directory,
    Consumer<String> progress,
    Trials trials) {
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
    report.write(directory);
    return report;
  }

  /** The runs of one data set, which is read if there is a run to be done. */
  private final class DataSet {
    private final StudyData set;
    private final RunFiles files = new RunFiles(directory.resolve(RUNS));
    private Trials.@Nullable Trial trial;

    DataSet(StudyData set) {
      this.set = set;
    }

    List<StudyRun> run() throws IOException, InterruptedException {
      List<StudyRun> runs = new ArrayList<>();
      for (long seed = 1; seed <= settings.seeds(); seed++) {
        for (Variant variant : trials.variants(settings.delta())) {
          String description = trials.description(variant, settings);
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
      Trials.Trial opened = trial;
      if (opened == null) {
        opened = trials.open(set, settings);
        trial = opened;
      }
      Trials.Result result = opened.train(variant, seed);
      StudyRun run =
          new StudyRun(
              set.name(),
              variant.name(),
              seed,
              description,
              result.best(),
              result.epochs(),
              result.encoder());
      files.write(run);
      return run;
    }
  }
}
