package org.adaptivesoftmax.bench.study;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the runs of a study are done. */
public interface Trials {
  /**
   * The variants that are compared, softmax first.
   *
   * @param delta AS-Softmax's δ
   */
  List<Variant> variants(double delta);

  /** Everything but data and seed that the numbers of a variant's runs depend on. */
  String description(Variant variant, StudySettings settings);

  /**
   * Reads a data set.
   *
   * @throws IOException if it cannot be read
   * @throws InterruptedException if the thread is interrupted
   */
  Trial open(StudyData data, StudySettings settings) throws IOException, InterruptedException;

  /** A data set that runs are done on. */
  @FunctionalInterface
  interface Trial {
    /**
     * Does one run.
     *
     * @throws IOException if something cannot be read
     * @throws InterruptedException if the thread is interrupted
     */
    Result train(Variant variant, long seed) throws IOException, InterruptedException;
  }

  /**
   * What a run gave.
   *
   * @param best the best epoch
   * @param epochs all of them
   * @param encoder what only a run with an encoder gives; null without one
   */
  record Result(StudyRun.Best best, StudyRun.Epochs epochs, StudyRun.@Nullable Encoder encoder) {}
}
