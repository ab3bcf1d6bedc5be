package org.adaptivesoftmax.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.adaptivesoftmax.cluster.PlanReport;
import org.adaptivesoftmax.cluster.TailSplit;
import org.adaptivesoftmax.distributed.ClusterDefinition;
import org.adaptivesoftmax.distributed.ClusterException;
import org.adaptivesoftmax.distributed.ClusterTask;
import org.adaptivesoftmax.distributed.NetworkTrust;
import org.adaptivesoftmax.distributed.SignOfLife;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.training.LanguageModelText;
import org.adaptivesoftmax.training.LanguageModelTrainer;
import org.adaptivesoftmax.training.Replica;
import org.adaptivesoftmax.training.TailTask;
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
 * @param split the tail task of each tail cluster; null to choose by expected cost
 * @param launched directory of the launcher's signs of life, or null
 */
record TaskOfRun(
    @Nullable ClusterDefinition cluster,
    String job,
    int index,
    Duration timeout,
    int threads,
    @Nullable List<Integer> split,
    @Nullable Path launched) {
  /** A run by itself. */
  static final TaskOfRun ALONE =
      new TaskOfRun(null, ClusterDefinition.COMPUTE, 0, Duration.ZERO, 0, null, null);

  /** Tasks may be started one by one, and a reader of a large text comes late. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /** Whether this run writes what all of them found. */
  boolean isFirst() {
    return !isTail() && index == 0;
  }

  /** Whether this process holds tail clusters, and trains nothing itself. */
  boolean isTail() {
    return job.equals(ClusterDefinition.TAIL);
  }

  /** The number of replicas. */
  int count() {
    return cluster == null ? 1 : cluster.replicas().size();
  }

  /** The number of tail tasks. */
  int tailTasks() {
    return cluster == null ? 0 : cluster.tailTasks().size();
  }

  /**
   * Which tail task holds each tail cluster.
   *
   * @throws IllegalArgumentException if the given split does not fit
   */
  TailSplit tails(PlanReport report) {
    int tasks = tailTasks();
    if (tasks == 0) {
      Require.argument(split == null, "--tail-split needs tail tasks: %s", String.valueOf(split));
      return TailSplit.NONE;
    }
    if (split == null) {
      return TailSplit.byCost(report, tasks);
    }
    TailSplit given = new TailSplit(tasks, split);
    given.requireOf(report.plan());
    return given;
  }

  /** Says that this process lives, if somebody launched it. */
  void start() {
    if (launched != null) {
      SignOfLife.start(launched, isTail() ? count() + index : index, System.in);
    }
  }

  /** A trainer; in a cluster, with all others there. */
  LanguageModelTrainer trainer(
      LanguageModelConfiguration model,
      TrainingConfiguration training,
      LanguageModelText text,
      TailSplit tails)
      throws InterruptedException {
    if (cluster == null) {
      return new LanguageModelTrainer(model, training, text);
    }
    ClusterTask task = join(cluster);
    Replica replica = new Replica(index, count(), timeout, tails);
    return LanguageModelTrainer.replica(model, training, text, replica, task::replicaSession);
  }

  /** Holds tail clusters of what the replicas train, until they have done. */
  void holdTails(
      LanguageModelConfiguration model,
      TrainingConfiguration training,
      LanguageModelText text,
      TailSplit tails)
      throws InterruptedException {
    ClusterTask task = join(Objects.requireNonNull(cluster));
    Replica replicas = new Replica(0, count(), timeout, tails);
    try (TailTask tail = new TailTask(model, training, text, replicas, index, task::localSession)) {
      task.awaitDone(tail::isDone);
    }
  }

  private ClusterTask join(ClusterDefinition joined) throws InterruptedException {
    if (launched == null) {
      System.err.println(NetworkTrust.WARNING);
    }
    ClusterTask task = ClusterTask.start(joined, job, index, timeout, threads);
    task.awaitOthers(PATIENCE);
    return task;
  }

  /** An error as it is meant: in a cluster TensorFlow's may be about another task. */
  RuntimeException meaning(TensorFlowException error) {
    return cluster == null ? error : ClusterException.of(error);
  }
}
