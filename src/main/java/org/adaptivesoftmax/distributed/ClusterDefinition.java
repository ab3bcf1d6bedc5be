package org.adaptivesoftmax.distributed;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.adaptivesoftmax.internal.io.OptionalLibrary;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.training.TailTask;
import org.tensorflow.proto.ClusterDef;
import org.tensorflow.proto.JobDef;

/**
 * The tasks of a cluster: for each job the addresses of its tasks, {@code host:port}, in order. The job {@code compute} has
 * the replicas; the job {@code tail}, which may be missing, the tasks that hold tail clusters. As a file it is a JSON object:
 *
 * <pre>{@code
 * {"compute": ["10.0.0.1:2222", "10.0.0.2:2222"], "tail": ["10.0.0.3:2222"]}
 * }</pre>
 *
 * @param jobs addresses by job
 */
public record ClusterDefinition(Map<String, List<String>> jobs) {
  /** The job whose tasks are replicas of the model. */
  public static final String COMPUTE = "compute";

  /** The job whose tasks hold tail clusters. */
  public static final String TAIL = TailTask.JOB;

  private static final int MAX_PORT = 65_535;

  /**
   * Checks the addresses.
   *
   * @throws IllegalArgumentException if there is no replica, or an address is malformed or there twice
   */
  public ClusterDefinition {
    Map<String, List<String>> copy = new TreeMap<>();
    jobs.forEach((job, addresses) -> copy.put(job, List.copyOf(addresses)));
    jobs = Map.copyOf(copy);
    Require.argument(
        Set.of(COMPUTE, TAIL).containsAll(jobs.keySet()),
        "a cluster has the jobs compute and tail: %s",
        copy.keySet());
    Require.argument(
        !jobs.getOrDefault(COMPUTE, List.of()).isEmpty(),
        "a cluster needs at least one task of the job compute: %s",
        copy);
    List<String> all = jobs.values().stream().flatMap(List::stream).toList();
    all.forEach(ClusterDefinition::requireAddress);
    Require.argument(
        all.size() == all.stream().distinct().count(),
        "a task has the address of another: %s",
        all);
  }

  /** A cluster of replicas alone. */
  public static ClusterDefinition ofReplicas(List<String> addresses) {
    return new ClusterDefinition(Map.of(COMPUTE, addresses));
  }

  /**
   * A cluster of replicas and tail tasks.
   *
   * @param addresses those of the replicas, then those of the tail tasks
   * @param replicas how many are replicas
   */
  public static ClusterDefinition of(List<String> addresses, int replicas) {
    return replicas == addresses.size()
        ? ofReplicas(addresses)
        : new ClusterDefinition(
            Map.of(
                COMPUTE,
                addresses.subList(0, replicas),
                TAIL,
                addresses.subList(replicas, addresses.size())));
  }

  private static void requireAddress(String address) {
    int colon = address.lastIndexOf(':');
    String port = address.substring(colon + 1);
    boolean fits =
        colon > 0
            && port.matches("\\d{1,5}")
            && Integer.parseInt(port) >= 1
            && Integer.parseInt(port) <= MAX_PORT;
    Require.argument(fits, "the address of a task must be host:port: %s", address);
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException if it holds no cluster
   * @throws IllegalStateException if Jackson is not on the class path
   * @throws IOException if it cannot be read
   */
  public static ClusterDefinition read(Path file) throws IOException {
    OptionalLibrary.JACKSON.require("a cluster's definition");
    try {
      return new ClusterDefinition(
          JsonMapper.builder()
              .build()
              .readValue(Files.readAllBytes(file), new TypeReference<>() {}));
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "no definition of a cluster: %s: %s".formatted(file, e.getOriginalMessage()), e);
    }
  }

  /**
   * Writes a file that {@link #read} reads.
   *
   * @throws IllegalStateException if Jackson is not on the class path
   * @throws IOException if it cannot be written
   */
  public void write(Path file) throws IOException {
    OptionalLibrary.JACKSON.require("a cluster's definition");
    Files.write(file, JsonMapper.builder().build().writeValueAsBytes(jobs));
  }

  /** The addresses of the replicas. */
  public List<String> replicas() {
    return jobs.getOrDefault(COMPUTE, List.of());
  }

  /** The addresses of the tail tasks; empty if there are none. */
  public List<String> tailTasks() {
    return jobs.getOrDefault(TAIL, List.of());
  }

  /** The host of an address. */
  static String host(String address) {
    return address.substring(0, address.lastIndexOf(':')).replaceAll("^\\[|]$", "");
  }

  /** The port of an address. */
  static int port(String address) {
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  ClusterDef proto() {
    ClusterDef.Builder cluster = ClusterDef.newBuilder();
    new TreeMap<>(jobs)
        .forEach(
            (name, addresses) -> {
              JobDef.Builder job = JobDef.newBuilder().setName(name);
              for (int task = 0; task < addresses.size(); task++) {
                job.putTasks(task, addresses.get(task));
              }
              cluster.addJob(job);
            });
    return cluster.build();
  }
}
