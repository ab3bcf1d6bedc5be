package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
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
      names = "--cluster",
      paramLabel = "FILE",
      converter = InputFile.class,
      description =
          "Be one task of the cluster that this JSON file describes: the addresses of each job's tasks.")
  private @Nullable Path cluster;

  @Option(
      names = "--job",
      paramLabel = "JOB",
      description = "The job of this task, with --cluster (default: ${DEFAULT-VALUE}).")
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
          "With --replicas: how often all processes are started anew, from the last checkpoint, after"
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
    LearningOptions.atLeast1("--timeout", timeout);
    Require.argument(restarts >= 0, "--restarts must not be negative: %d", restarts);
    Require.argument(
        cluster == null || replicas == 1,
        "--replicas launches a cluster of its own, and excludes --cluster: %s",
        String.valueOf(cluster));
    Require.argument(
        (cluster == null) == (task == null),
        "--cluster and --task belong together: %s",
        String.valueOf(cluster));
    if (cluster != null && !trusted) {
      NetworkTrust.requirePrivate(ClusterDefinition.read(cluster));
    }
  }

  boolean launches() {
    return replicas > 1;
  }

  int replicas() {
    return replicas;
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
  ReplicaOfRun replica(int threads) throws IOException {
    if (cluster == null || task == null) {
      return ReplicaOfRun.ALONE;
    }
    ClusterDefinition definition = ClusterDefinition.read(cluster);
    return new ReplicaOfRun(definition, job, task, timeout(), threads, launched);
  }
}
