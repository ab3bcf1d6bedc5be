package org.adaptivesoftmax.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.TestGraph;
import org.adaptivesoftmax.Transfers;
import org.adaptivesoftmax.cluster.TailSplit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.DeviceSpec;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;

/** What replicas do on tail tasks, with the devices of one process for tasks. */
class TailTasksTest {
  private static final ConfigProto THREE_DEVICES =
      ConfigProto.newBuilder().putDeviceCount("CPU", 3).build();

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private static DeviceSpec device(int index) {
    return DeviceSpec.newBuilder().deviceType(DeviceSpec.DeviceType.CPU).deviceIndex(index).build();
  }

  private static Variable<TFloat32> variable(Ops tf, String name, float... values) {
    Variable<TFloat32> variable =
        tf.withName(name).variable(Shape.of(values.length), TFloat32.class);
    Ops init = tf.withInitScope();
    init.assign(variable, init.constant(values));
    return variable;
  }

  @Test
  void theFirstReplicaHasTheMeansAndTheOthersSendTheirs() {
    try (TestGraph graph = new TestGraph(THREE_DEVICES)) {
      Ops tf = graph.tf;
      List<Variable<TFloat32>> variables =
          List.of(
              variable(tf.withDevice(device(1)), "a", 0, 0),
              variable(tf.withDevice(device(2)), "b", 0));
      List<Op> sent = new ArrayList<>();
      List<Operand<TFloat32>> means = new ArrayList<>();
      float[] halfSquares = {0};
      for (int index = 0; index < 3; index++) {
        Replica replica =
            new Replica(index, 3, Duration.ofSeconds(9), new TailSplit(2, List.of(0, 1)));
        List<Operand<TFloat32>> own =
            List.of(
                tf.withDevice(device(1)).constant(new float[] {1 + index, 10}),
                tf.withDevice(device(2)).constant(new float[] {7 * index}));
        TailGradients tails =
            TailGradients.of(tf, replica, new StepGradients(null, variables, own));
        sent.addAll(tails.sent());
        means.addAll(tails.means());
        if (index == 0) {
          means.add(tails.halfSquares(tf));
        } else {
          assertThat(tails.variables()).isEmpty();
          halfSquares[0] += (float) Tensors.fetch(graph.session(), tails.halfSquares(tf))[0];
        }
      }
      assertThat(sent).as("two replicas, two tasks").hasSize(4);
      Session.Runner runner = graph.session().runner().setOptions(Transfers.options());
      sent.forEach(runner::addTarget);
      means.forEach(runner::fetch);
      try (Result result = runner.runAndFetchMetadata()) {
        assertThat(floats(result, 0)).containsExactly(2, 10);
        assertThat(floats(result, 1)).containsExactly(7);
        assertThat(floats(result, 2)).containsExactly((4 + 100 + 49) / 2f);
        assertThat(halfSquares).as("who sends knows none").containsExactly(0);
        assertThat(Transfers.of(result.getMetadata().orElseThrow()).all())
            .as("means that are fetched here, and half squares, of two tasks")
            .hasSize(4)
            .allSatisfy(transfer -> assertThat(transfer.of()).doesNotContain("Queue"));
      }
    }
  }

  private static float[] floats(Result result, int index) {
    float[] values = new float[(int) result.get(index).shape().size()];
    result.get(index).asRawTensor().data().asFloats().read(values);
    return values;
  }

  @Test
  void eachTaskSavesItsOwnAndAnyGraphRestoresAll() throws Exception {
    Path prefix = directory.resolve("variables");
    try (TestGraph graph = new TestGraph(THREE_DEVICES)) {
      Ops tf = graph.tf;
      ShardedSaver saver =
          ShardedSaver.create(
              tf,
              List.of(
                  variable(tf, "here", 1, 2),
                  variable(tf.withDevice(device(1)), "there", 3),
                  variable(tf.withDevice(device(2)), "elsewhere", 4, 5, 6)));
      graph.session().initialize();
      saver.save(graph.session(), prefix);
    }
    try (var files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "variables.index",
              "variables.data-00000-of-00003",
              "variables.data-00001-of-00003",
              "variables.data-00002-of-00003");
    }
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Variable<TFloat32> elsewhere = variable(tf, "elsewhere", 0, 0, 0);
      Variable<TFloat32> here = variable(tf, "here", 0, 0);
      session.restore(prefix.toString());
      assertThat(Tensors.fetch(session, elsewhere)).containsExactly(4, 5, 6);
      assertThat(Tensors.fetch(session, here)).containsExactly(1, 2);
      session.save(directory.resolve("one").toString());
    }
    try (TestGraph graph = new TestGraph(THREE_DEVICES)) {
      Ops tf = graph.tf;
      Variable<TFloat32> elsewhere = variable(tf.withDevice(device(1)), "elsewhere", 0, 0, 0);
      Variable<TFloat32> here = variable(tf.withDevice(device(2)), "here", 0, 0);
      ShardedSaver saver = ShardedSaver.create(tf, List.of(elsewhere, here));
      graph.session().initialize();
      saver.restore(graph.session(), directory.resolve("one"));
      assertThat(Tensors.fetch(graph.session(), elsewhere)).containsExactly(4, 5, 6);
      assertThat(Tensors.fetch(graph.session(), here)).containsExactly(1, 2);
    }
  }
}
