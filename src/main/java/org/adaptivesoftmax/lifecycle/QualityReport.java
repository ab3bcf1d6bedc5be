package org.adaptivesoftmax.lifecycle;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How good a model is, for whom, and against which.
 *
 * @param measured on what, and how
 * @param models the reported model, then those that it is compared with
 * @param comparisons of the first model with each of the others
 */
public record QualityReport(
    Measured measured, List<ModelQuality> models, List<ModelComparison> comparisons) {
  /**
   * On what it was measured.
   *
   * @param corpus name of the text
   * @param lines with a word
   * @param tokens words and ends of lines
   * @param groups name of the text with groups; null without
   * @param resamples replicates of the bootstrap
   * @param seed of every random choice
   */
  public record Measured(
      String corpus, long lines, long tokens, @Nullable String groups, int resamples, long seed) {}

  /** Copies the lists. */
  public QualityReport {
    models = List.copyOf(models);
    comparisons = List.copyOf(comparisons);
  }
}
