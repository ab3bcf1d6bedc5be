package org.adaptivesoftmax.distributed;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.Graph;
import org.tensorflow.Server;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.ServerDef;

/**
 * This process as a task of a cluster: its TensorFlow server, and sessions on it. There is one in the life of a process, since
 * TensorFlow cannot end a server: it ends with the process.
 *
 * <p><strong>The server listens on all interfaces, unencrypted, and whoever reaches its port runs code as its
 * user.</strong> {@link NetworkTrust} refuses addresses that a stranger may reach.
 */
public final class ClusterTask {
  private static final AtomicBoolean STARTED = new AtomicBoolean();
  private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(50);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);

  private final ClusterDefinition cluster;
  private final String job;
  private final int index;
  private final Duration timeout;
  private final int threads;
  private final RemoteSession sessions;

  private ClusterTask(
      ClusterDefinition cluster, String job, int index, Duration timeout, int threads) {
    List<String> addresses = cluster.jobs().get(job);
    Require.argument(
        addresses != null, "no such job in the cluster %s: %s", cluster.jobs().keySet(), job);
    Require.argument(
        index >= 0 && index < Objects.requireNonNull(addresses).size(),
        "task must be in 0..%d: %d",
        Objects.requireNonNull(addresses).size() - 1,
        index);
    Require.argument(
        timeout.compareTo(Duration.ofSeconds(1)) >= 0,
        "timeout must be at least a second: %s",
        timeout);
    this.cluster = cluster;
    this.job = job;
    this.index = index;
    this.timeout = timeout;
    this.threads = threads;
    this.sessions = RemoteSession.find();
  }

  /**
   * Starts this process's server.
   *
   * @param index place of its address among those of its job
   * @param timeout after which a run that another task does not answer fails, at least a second
   * @param threads that TensorFlow computes with; 0 for as many as there are processors
   * @throws IllegalArgumentException if the cluster has no such task
   * @throws IllegalStateException if this process had a server before, or TensorFlow Java is another version
   * @throws TensorFlowException if the port is taken
   */
  public static ClusterTask start(
      ClusterDefinition cluster, String job, int index, Duration timeout, int threads) {
    ClusterTask task = new ClusterTask(cluster, job, index, timeout, threads);
    if (STARTED.getAndSet(true)) {
      throw new IllegalStateException("a process can be a task of a cluster only once in its life");
    }
    new Server(
            ServerDef.newBuilder()
                .setCluster(cluster.proto())
                .setJobName(job)
                .setTaskIndex(index)
                .setProtocol("grpc")
                .setDefaultSessionConfig(task.config().build())
                .build())
        .start();
    return task;
  }

  /**
   * Waits until every task's server takes connections.
   *
   * @param patience how long
   * @throws ClusterException if one does not, named by its address
   * @throws InterruptedException if the thread is interrupted
   */
  public void awaitOthers(Duration patience) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    for (List<String> addresses : cluster.jobs().values()) {
      for (String address : addresses) {
        await(address, end, patience);
      }
    }
  }

  /**
   * Waits, as a tail task, until the first replica has done.
   *
   * @param done whether it has
   * @throws ClusterException if it ends before
   * @throws InterruptedException if the thread is interrupted
   */
  public void awaitDone(BooleanSupplier done) throws InterruptedException {
    while (!done.getAsBoolean()) {
      // It may have done, and ended, since it was asked.
      if (!isFirstReplicaThere() && !done.getAsBoolean()) {
        throw ClusterException.unavailable(
            "a task is unavailable: the first replica has ended: " + cluster.replicas().get(0));
      }
      Thread.sleep(BETWEEN_LOOKS.toMillis());
    }
  }

  private boolean isFirstReplicaThere() {
    try {
      connect(cluster.replicas().get(0));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private void connect(String address) throws IOException {
    try (Socket socket = new Socket()) {
      InetSocketAddress remote =
          new InetSocketAddress(ClusterDefinition.host(address), ClusterDefinition.port(address));
      socket.connect(remote, (int) timeout.toMillis());
    }
  }

  private void await(String address, long end, Duration patience) throws InterruptedException {
    while (true) {
      try {
        connect(address);
        return;
      } catch (IOException e) {
        if (System.nanoTime() > end) {
          throw ClusterException.timedOut(
              "no task of the cluster at %s after %d s".formatted(address, patience.toSeconds()),
              e);
        }
        Thread.sleep(BETWEEN_ATTEMPTS.toMillis());
      }
    }
  }

  /** A session on this task, whose graph may use every task's devices. */
  public Session session(Graph graph) {
    return sessions.open(graph, target(), config().build());
  }

  /** A session on this task, whose graph is computed here alone. Collectives reach the other tasks. */
  public Session localSession(Graph graph) {
    return sessions.open(graph, target(), config().addDeviceFilters(own()).build());
  }

  /** A session on this task, whose graph is computed here and on the tail tasks. Collectives reach the other replicas. */
  public Session replicaSession(Graph graph) {
    ConfigProto.Builder config = config().addDeviceFilters(own());
    if (!cluster.tailTasks().isEmpty()) {
      config.addDeviceFilters("/job:" + ClusterDefinition.TAIL);
    }
    return sessions.open(graph, target(), config.build());
  }

  private String own() {
    return "/job:" + job + "/task:" + index;
  }

  /** Whether this process has a server: it should end by {@code Runtime.halt}, since unloading TensorFlow may wait for others. */
  public static boolean isStarted() {
    return STARTED.get();
  }

  /** The place of this task in its job. */
  public int index() {
    return index;
  }

  /** How long a run may wait for another task. */
  public Duration timeout() {
    return timeout;
  }

  /** What TensorFlow calls the server of this process, so that its session does not go through the network. */
  private String target() {
    String address = Objects.requireNonNull(cluster.jobs().get(job)).get(index);
    return "grpc://localhost:" + ClusterDefinition.port(address);
  }

  private ConfigProto.Builder config() {
    return ConfigProto.newBuilder()
        .setIntraOpParallelismThreads(threads)
        .setInterOpParallelismThreads(threads)
        // Without it a task that is missing, or stopped, is waited for until the end of time.
        .setOperationTimeoutInMs(timeout.toMillis())
        .setExperimental(
            ConfigProto.Experimental.newBuilder()
                .setCollectiveGroupLeader(
                    "/job:" + ClusterDefinition.COMPUTE + "/replica:0/task:0"));
  }
}
