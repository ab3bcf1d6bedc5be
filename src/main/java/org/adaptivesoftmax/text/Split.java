package org.adaptivesoftmax.text;

/**
 * The part of a corpus that a line belongs to: 90 % train, 5 % validation, 5 % test, by a hash of the line's text. It
 * depends on nothing else, so it is the same in every run and on every machine, equal lines are never divided between
 * two parts, and a corpus may grow or be reordered without moving a line.
 */
public enum Split {
  /** What a model learns from. */
  TRAIN,
  /** What a model is chosen by. */
  VALIDATION,
  /** What a model is judged by in the end. */
  TEST;

  private static final int TRAIN_PERCENT = 90;
  private static final int VALIDATION_PERCENT = 5;

  /**
   * The part that a line belongs to.
   *
   * @param line without its line end
   * @return the part
   */
  public static Split of(String line) {
    long percent = StableHash.of(line) % 100;
    if (percent < TRAIN_PERCENT) {
      return TRAIN;
    }
    return percent < TRAIN_PERCENT + VALIDATION_PERCENT ? VALIDATION : TEST;
  }
}
