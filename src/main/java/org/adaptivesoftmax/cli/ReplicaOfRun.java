package org.adaptivesoftmax.cli;

import java.nio.file.Path;
import java.time.Duration;
import org.adaptivesoftmax.distributed.ClusterDefinition;
import org.adaptivesoftmax.distributed.ClusterException;
import org.adaptivesoftmax.distributed.ClusterTask;
import org.adaptivesoftmax.distributed.NetworkTrust;
import org.adaptivesoftmax.distributed.SignOfLife;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.training.LanguageModelText;
import org.adaptivesoftmax.training.LanguageModelTrainer;
import org.adaptivesoftmax.training.Replica;
import org.adaptivesoftmax.training.TrainingConfiguration;
import org.jspecify.annotations.Nullable;
import org.tensorflow.exceptions.TensorFlowException;

/**
 * A training run's part in a cluster.
 *
 * @param cluster all tasks; null for a run by itself
 * @param job of this process's task
 * @param index of this process's task
 * @param timeout how long to wait for another task
 * @param threads that TensorFlow computes with; 0 for as many as there are processors
 * @param launched directory of the launcher's signs of life, or null
 */
record ReplicaOfRun(
    @Nullable ClusterDefinition cluster,
    String job,
    int index,
    Duration timeout,
    int threads,
    @Nullable Path launched) {
  /** A run by itself. */
  static final ReplicaOfRun ALONE =
      new ReplicaOfRun(null, ClusterDefinition.COMPUTE, 0, Duration.ZERO, 0, null);

  /** Tasks may be started one by one, and a reader of a large text comes late. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /** Whether this run writes what all of them found. */
  boolean isFirst() {
    return index == 0;
  }

  int count() {
    return cluster == null ? 1 : cluster.replicas().size();
  }

  /** Says that this process lives, if somebody launched it. */
  void start() {
    if (launched != null) {
      SignOfLife.start(launched, index, System.in);
    }
  }

  /** A trainer; in a cluster, with all others there. */
  LanguageModelTrainer trainer(
      LanguageModelConfiguration model, TrainingConfiguration training, LanguageModelText text)
      throws InterruptedException {
    if (cluster == null) {
      return new LanguageModelTrainer(model, training, text);
    }
    if (launched == null) {
      System.err.println(NetworkTrust.WARNING);
    }
    ClusterTask task = ClusterTask.start(cluster, job, index, timeout, threads);
    task.awaitOthers(PATIENCE);
    Replica replica = new Replica(index, count(), timeout);
    return LanguageModelTrainer.replica(model, training, text, replica, task::localSession);
  }

  /** An error as it is meant: in a cluster TensorFlow's may be about another task. */
  RuntimeException meaning(TensorFlowException error) {
    return cluster == null ? error : ClusterException.of(error);
  }
}
