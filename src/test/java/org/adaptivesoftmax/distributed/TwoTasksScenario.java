package org.adaptivesoftmax.distributed;

import java.time.Duration;
import java.util.List;
import org.adaptivesoftmax.Transfers;
import org.adaptivesoftmax.loss.LossOptions;
import org.adaptivesoftmax.training.PlacedStep;
import org.tensorflow.DeviceSpec;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** The first of two tasks, which starts the other, uses its device, stops it, and kills it; a line for each thing seen. */
final class TwoTasksScenario {
  private static final DeviceSpec OTHER =
      DeviceSpec.newBuilder()
          .job(ClusterDefinition.COMPUTE)
          .task(1)
          .deviceType(DeviceSpec.DeviceType.CPU)
          .deviceIndex(0)
          .build();

  private TwoTasksScenario() {}

  public static void main(String[] args) throws Exception {
    ClusterDefinition cluster = FreePorts.split(args[0]);
    ClusterTask own =
        ClusterTask.start(cluster, ClusterDefinition.COMPUTE, 0, Duration.ofSeconds(3), 1);
    System.out.println("missing: " + await(own, Duration.ofMillis(100)));
    Process other = other(args[0]);
    try {
      own.awaitOthers(Duration.ofSeconds(60));
      System.out.println("transfers: " + transfers(own));
      // Not closed: a session whose task is lost is waited for until the end of time.
      Graph graph = new Graph();
      Session session = own.session(graph);
      var there = Ops.create(graph).withDevice(OTHER).math.add(two(graph), two(graph));
      System.out.println("there: " + value(session, there));
      signal(other, "STOP");
      System.out.println("stopped: " + kind(() -> value(session, there)));
      other.destroyForcibly().waitFor();
      System.out.println("killed: " + kind(() -> value(session, there)));
      System.out.println("again: " + again(cluster));
    } finally {
      other.destroyForcibly().waitFor();
    }
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }

  private static org.tensorflow.op.core.Placeholder<TFloat32> two(Graph graph) {
    return Ops.create(graph).placeholder(TFloat32.class);
  }

  private static float value(Session session, org.tensorflow.op.math.Add<TFloat32> sum) {
    try (TFloat32 two = TFloat32.scalarOf(2)) {
      Session.Runner runner = session.runner().fetch(sum);
      ((org.tensorflow.GraphOperation) sum.op()).inputs().forEach(in -> runner.feed(in, two));
      try (TFloat32 result = (TFloat32) runner.run().get(0)) {
        return result.getFloat();
      }
    }
  }

  private static String transfers(ClusterTask own) {
    try (Graph graph = new Graph();
        Session session = own.session(graph)) {
      PlacedStep step = PlacedStep.of(graph, OTHER, LossOptions.defaults());
      session.initialize();
      Transfers transfers = Transfers.of(step.run(session));
      PlacedStep.requireRowsAlone(transfers);
      return "rows alone";
    }
  }

  private static String await(ClusterTask own, Duration patience) throws InterruptedException {
    try {
      own.awaitOthers(patience);
      return "there";
    } catch (ClusterException e) {
      return e.kind() + " " + e.getMessage();
    }
  }

  private static String again(ClusterDefinition cluster) {
    try {
      ClusterTask.start(cluster, ClusterDefinition.COMPUTE, 0, Duration.ofSeconds(3), 1);
      return "started";
    } catch (IllegalStateException e) {
      return e.getMessage();
    }
  }

  private static String kind(Runnable run) {
    try {
      run.run();
      return "done";
    } catch (TensorFlowException e) {
      RuntimeException meant = ClusterException.of(e);
      return meant instanceof ClusterException lost ? lost.kind().name() : meant.toString();
    }
  }

  private static void signal(Process process, String name) throws Exception {
    new ProcessBuilder("kill", "-s", name, Long.toString(process.pid())).start().waitFor();
  }

  private static Process other(String cluster) throws Exception {
    List<String> command =
        List.of(
            ProcessHandle.current().info().command().orElse("java"),
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            TaskMain.class.getName(),
            cluster,
            "1");
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }
}
