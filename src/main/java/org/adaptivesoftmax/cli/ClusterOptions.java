package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.adaptivesoftmax.distributed.ClusterDefinition;
import org.adaptivesoftmax.distributed.NetworkTrust;
import org.adaptivesoftmax.internal.io.Require;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of a training on several processes. */
final class ClusterOptions {
  @Option(
      names = "--replicas",
      paramLabel = "N",
      description =
          "Train in N processes on this machine, each with --batch texts of a step and --threads"
              + " threads: the same weights as from one process with N times the batch (default: 1).")
  private int replicas = 1;

  @Option(
      names = "--tail-tasks",
      paramLabel = "M",
      description =
          "Hold the tail clusters in M more processes on this machine, divided by expected cost: their"
              + " weights and Adam's moments live there, and only rows of a batch cross (default: 0, every"
              + " replica holds all).")
  private int tailTasks;

  @Option(
      names = "--tail-split",
      paramLabel = "I,…",
      hideParamSyntax = true,
      split = ",",
      description =
          "With tail tasks: the task of each tail cluster, counted from 0 (default: by expected cost).")
  private @Nullable List<Integer> split;

  @Option(
      names = "--cluster",
      paramLabel = "FILE",
      converter = InputFile.class,
      description =
          "Be one task of the cluster that this JSON file describes: the addresses of each job's tasks.")
  private @Nullable Path cluster;

  @Option(
      names = "--job",
      paramLabel = "JOB",
      description =
          "The job of this task, with --cluster: compute trains a replica, tail holds tail clusters (default:"
              + " ${DEFAULT-VALUE}).")
  private String job = ClusterDefinition.COMPUTE;

  @Option(
      names = "--task",
      paramLabel = "I",
      description = "The place of this task in its job, counted from 0, with --cluster.")
  private @Nullable Integer task;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description =
          "How long a process waits for another before it gives up (default: ${DEFAULT-VALUE}).")
  private int timeout = 60;

  @Option(
      names = "--restarts",
      paramLabel = "N",
      description =
          "With --replicas or --tail-tasks: how often all processes are started anew, from the last checkpoint, after"
              + " one failed (default: ${DEFAULT-VALUE}).")
  private int restarts = 3;

  @Option(
      names = "--i-trust-this-network",
      description =
          "Allow addresses in --cluster that are neither loopback nor private. Whoever reaches a"
              + " task's port runs code as its user.")
  private boolean trusted;

  @Option(names = "--launched", hidden = true, paramLabel = "DIR")
  private @Nullable Path launched;

  /** Checks what can be known before any work. */
  void check() throws IOException {
    LearningOptions.atLeast1("--replicas", replicas);
    Require.argument(tailTasks >= 0, "--tail-tasks must not be negative: %d", tailTasks);
    LearningOptions.atLeast1("--timeout", timeout);
    Require.argument(restarts >= 0, "--restarts must not be negative: %d", restarts);
    Require.argument(
        cluster == null || !launches(),
        "--replicas and --tail-tasks launch a cluster of their own, and exclude --cluster: %s",
        String.valueOf(cluster));
    Require.argument(
        (cluster == null) == (task == null),
        "--cluster and --task belong together: %s",
        String.valueOf(cluster));
    Require.argument(
        split == null || cluster != null || tailTasks > 0,
        "--tail-split needs --tail-tasks: %s",
        String.valueOf(split));
    if (cluster != null && !trusted) {
      NetworkTrust.requirePrivate(ClusterDefinition.read(cluster));
    }
  }

  boolean launches() {
    return replicas > 1 || tailTasks > 0;
  }

  /** Whether tail clusters live in processes of their own. */
  boolean hasTailTasks() throws IOException {
    return tailTasks > 0
        || (cluster != null && !ClusterDefinition.read(cluster).tailTasks().isEmpty());
  }

  int replicas() {
    return replicas;
  }

  int tailTasks() {
    return tailTasks;
  }

  int restarts() {
    return restarts;
  }

  Duration timeout() {
    return Duration.ofSeconds(timeout);
  }

  /**
   * This process's part in the training.
   *
   * @param threads that TensorFlow computes with
   */
  TaskOfRun task(int threads) throws IOException {
    if (cluster == null || task == null) {
      return TaskOfRun.ALONE;
    }
    ClusterDefinition definition = ClusterDefinition.read(cluster);
    return new TaskOfRun(definition, job, task, timeout(), threads, split, launched);
  }
}
