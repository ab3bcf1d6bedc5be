package org.adaptivesoftmax.bench.study;

/**
 * What all runs of a study share.
 *
 * @param seeds runs of each data set and variant, with seeds from 1 on
 * @param epochs of every run; the weights of the epoch with the best validation accuracy count
 * @param delta AS-Softmax's δ
 */
public record StudySettings(int seeds, int epochs, double delta) {
  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public StudySettings {
    if (seeds < 1) {
      throw new IllegalArgumentException("seeds must be at least 1: " + seeds);
    }
    if (epochs < 2) {
      throw new IllegalArgumentException("epochs must be at least 2: " + epochs);
    }
    Variant.all(delta);
  }
}
