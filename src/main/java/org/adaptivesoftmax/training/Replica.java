package org.adaptivesoftmax.training;

import java.time.Duration;
import org.adaptivesoftmax.internal.io.Require;

/**
 * A training's place among several that learn one model together, step by step: each takes its part of every step's texts,
 * and all make the same update, from the gradients' mean.
 *
 * @param index in 0..count−1; the first alone writes checkpoints
 * @param count how many there are
 * @param timeout how long an exchange waits for the others
 */
public record Replica(int index, int count, Duration timeout) {
  /** A training by itself. */
  static final Replica ALONE = new Replica(0, 1, Duration.ofDays(1));

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public Replica {
    Require.argument(count >= 1, "replicas must be at least 1: %s", count);
    Require.argument(index >= 0 && index < count, "replica must be in 0..%d: %s", count - 1, index);
    Require.argument(timeout.toSeconds() >= 1, "timeout must be at least a second: %s", timeout);
  }

  /** Whether there are others. */
  boolean hasOthers() {
    return count > 1;
  }
}
