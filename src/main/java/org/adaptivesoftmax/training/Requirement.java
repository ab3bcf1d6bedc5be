package org.adaptivesoftmax.training;

/** A condition on an argument. */
final class Requirement {
  private Requirement() {}

  static void that(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  static void positive(String name, double value) {
    that(value > 0 && !Double.isInfinite(value), name + " must be above 0 and finite: " + value);
  }
}
