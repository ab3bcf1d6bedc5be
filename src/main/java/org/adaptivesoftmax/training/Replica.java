package org.adaptivesoftmax.training;

import java.time.Duration;
import java.util.Optional;
import org.adaptivesoftmax.cluster.TailSplit;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.DeviceSpec;
import org.tensorflow.GraphOperation;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/**
 * A training's place among several that learn one model together, step by step: each takes its part of every step's texts,
 * and all make the same update, from the gradients' mean.
 *
 * @param index in 0..count−1; the first alone writes checkpoints
 * @param count how many there are
 * @param timeout how long an exchange waits for the others
 * @param tails which task of the job {@value TailTask#JOB} holds each tail cluster; {@link TailSplit#NONE} if every replica holds all
 */
public record Replica(int index, int count, Duration timeout, TailSplit tails) {
  /** A training by itself. */
  static final Replica ALONE = new Replica(0, 1, Duration.ofDays(1), TailSplit.NONE);

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

  /** Whether there are other replicas. */
  boolean hasOthers() {
    return count > 1;
  }

  /** Whether tail clusters live on tasks of their own. */
  boolean hasTailTasks() {
    return tails.tasks() > 0;
  }

  /** Whether it cannot go on without another process. */
  boolean needsOthers() {
    return hasOthers() || hasTailTasks();
  }

  /** Whether it does what is done once for all: the update of the tail tasks' weights, checkpoints. */
  boolean isFirst() {
    return index == 0;
  }

  /** Whether a variable lives on a tail task. */
  boolean hasOnTailTask(Variable<TFloat32> variable) {
    return hasTailTasks() && !((GraphOperation) variable.op()).device().isEmpty();
  }

  /** Where a cluster lives: 0 is the head, i the i-th tail cluster. */
  Optional<DeviceSpec> deviceOf(int cluster) {
    return cluster == 0 || !hasTailTasks()
        ? Optional.empty()
        : Optional.of(TailTask.device(tails.taskOfTail().get(cluster - 1)));
  }
}
