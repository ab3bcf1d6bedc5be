package org.adaptivesoftmax.training;

/** A condition on an argument. */
final class Requirement {
  private Requirement() {}

  static void that(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
