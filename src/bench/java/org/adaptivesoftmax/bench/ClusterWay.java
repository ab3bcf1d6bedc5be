package org.adaptivesoftmax.bench;

import java.util.Locale;

/** How the processes of one training share its work, on the same number of threads in all. */
enum ClusterWay {
  /** One process has everything. */
  ONE_PROCESS(1, 0, false),
  /** Each of two processes has the model and half of the batch. */
  TWO_REPLICAS(2, 0, false),
  /** One process has all but the tail clusters, another those. */
  REPLICA_AND_TAIL_TASK(1, 1, false),
  /** PyTorch, everything in one process. */
  PYTORCH(1, 0, true),
  /** PyTorch's DistributedDataParallel over gloo, half of the batch each. */
  PYTORCH_DDP(2, 0, true);

  private final int replicas;
  private final int tailTasks;
  private final boolean pytorch;

  ClusterWay(int replicas, int tailTasks, boolean pytorch) {
    this.replicas = replicas;
    this.tailTasks = tailTasks;
    this.pytorch = pytorch;
  }

  int replicas() {
    return replicas;
  }

  int tailTasks() {
    return tailTasks;
  }

  int processes() {
    return replicas + tailTasks;
  }

  boolean isPyTorch() {
    return pytorch;
  }

  /** The name of a process. */
  String process(int index) {
    return index < replicas ? "replica " + index : "tail task " + (index - replicas);
  }

  /** In results. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
