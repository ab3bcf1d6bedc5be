package org.adaptivesoftmax.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.TestGraph;
import org.adaptivesoftmax.Transfers;
import org.adaptivesoftmax.Transfers.Transfer;
import org.adaptivesoftmax.loss.LossOptions;
import org.junit.jupiter.api.Test;
import org.tensorflow.DeviceSpec;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.DeviceStepStats;
import org.tensorflow.proto.NodeExecStats;
import org.tensorflow.proto.RunMetadata;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/** A training step of a layer whose second tail cluster lives on a device of its own: what crosses, and what lives where. */
class PlacementTest {
  private static final int FEATURES = 32;
  private static final int CLASSES = 2_000;
  private static final int SECOND_START = 500;
  private static final long SECOND_WIDTH = FEATURES / 4;
  private static final long[] TARGETS = {0, 3, 700, 60, 1_999, 9, 700, 120, 501, 0, 900};
  private static final long IN_SECOND = 5;
  private static final List<Long> PROJECTION = List.of(SECOND_WIDTH, (long) FEATURES);
  private static final List<Long> CLASS_ROWS = List.of((long) CLASSES - SECOND_START, SECOND_WIDTH);
  private static final ConfigProto TWO_DEVICES =
      ConfigProto.newBuilder().putDeviceCount("CPU", 2).build();
  private static final DeviceSpec SECOND =
      DeviceSpec.newBuilder().deviceType(DeviceSpec.DeviceType.CPU).deviceIndex(1).build();

  @Test
  void onlyRowsTargetsLogProbabilitiesAndTheirGradientsCross() {
    RunMetadata step = step(LossOptions.defaults());
    Transfers transfers = Transfers.of(step);
    assertThat(transfers.all()).isNotEmpty();
    assertThat(transfers.all()).allSatisfy(PlacementTest::isOfRows);
    // Rows there and their gradient back, and a handful of numbers for each row.
    assertThat(transfers.bytes()).isLessThan(IN_SECOND * 4 * (2 * FEATURES + 12));
  }

  @Test
  void soTheyDoWithAMargin() {
    try (TestGraph graph = new TestGraph(TWO_DEVICES)) {
      RunMetadata step = step(graph, LossOptions.defaults().delta(graph.tf, 1e-5));
      // A margin scores other rows in the cluster too, but no more than there are.
      assertThat(Transfers.of(step).all())
          .isNotEmpty()
          .allSatisfy(
              transfer ->
                  assertThat(transfer.bytes()).isLessThanOrEqualTo(8L * TARGETS.length * FEATURES));
    }
  }

  @Test
  void momentsAndUpdatesLiveWithTheirVariable() {
    Map<String, String> devices = devices(step(LossOptions.defaults()));
    for (String variable : List.of("tail.1.0.weight", "tail.1.1.weight")) {
      String name = "adaptive_softmax." + variable;
      assertThat(devices).containsEntry(name, "CPU:1");
      assertThat(devices).containsEntry("adam/" + name + ".first_moment", "CPU:1");
      assertThat(devices).containsEntry("adam/" + name + ".second_moment", "CPU:1");
    }
    assertThat(devices).containsEntry("adaptive_softmax.head.weight", "CPU:0");
    assertThat(devices.keySet().stream().filter(name -> name.contains("ApplyAdam")))
        .as("one for each of five variables")
        .hasSize(5);
    assertThat(
            devices.entrySet().stream()
                .filter(node -> node.getKey().contains("ApplyAdam"))
                .filter(node -> node.getValue().equals("CPU:1")))
        .as("the second cluster's projection and classes")
        .hasSize(2);
  }

  private static void isOfRows(Transfer transfer) {
    long elements = transfer.shape().stream().reduce(1L, (a, b) -> a * b);
    assertThat(elements).as("%s", transfer).isLessThanOrEqualTo(IN_SECOND * FEATURES);
    assertThat(transfer.shape()).as("%s", transfer).isNotEqualTo(PROJECTION).isNotEqualTo(CLASS_ROWS);
  }

  private static RunMetadata step(LossOptions options) {
    try (TestGraph graph = new TestGraph(TWO_DEVICES)) {
      return step(graph, options);
    }
  }

  private static RunMetadata step(TestGraph graph, LossOptions options) {
    Ops tf = graph.tf;
    AdaptiveSoftmax<TFloat32> layer =
        AdaptiveSoftmax.builder(TFloat32.class)
            .inFeatures(FEATURES)
            .nClasses(CLASSES)
            .cutoffs(50, SECOND_START)
            .divValue(2)
            .placement(cluster -> cluster == 2 ? Optional.of(SECOND) : Optional.empty())
            .build(tf);
    Variable<TFloat32> input = tf.variable(Shape.of(TARGETS.length, FEATURES), TFloat32.class);
    Operand<TInt64> targets =
        tf.placeholderWithDefault(tf.constant(TARGETS), Shape.of(Shape.UNKNOWN_SIZE));
    Op update = update(graph, layer, input, layer.call(tf, input, targets, options).loss());
    graph.initialize();
    graph.assign(input, numbers(TARGETS.length * FEATURES));
    try (Result result =
        graph
            .session()
            .runner()
            .setOptions(Transfers.options())
            .addTarget(update)
            .runAndFetchMetadata()) {
      return result.getMetadata().orElseThrow();
    }
  }

  /** A step of Adam with clipped gradients, and the gradient of the input. */
  @SuppressWarnings("unchecked") // addGradients gives each variable's gradient the variable's type.
  private static Op update(
      TestGraph graph, AdaptiveSoftmax<TFloat32> layer, Variable<TFloat32> input, Operand<?> loss) {
    Ops tf = graph.tf;
    List<Variable<TFloat32>> variables = List.copyOf(layer.parameters().values());
    List<Operand<?>> sources = new ArrayList<>(variables);
    sources.add(input);
    List<Operand<TFloat32>> gradients = new ArrayList<>();
    for (Output<?> gradient : graph.gradients(loss, sources)) {
      gradients.add((Output<TFloat32>) gradient);
    }
    Operand<TFloat32> scale = GlobalNorm.of(tf, gradients).scale(tf, 0.1f);
    List<Operand<TFloat32>> clipped =
        gradients.subList(0, variables.size()).stream()
            .map(gradient -> GlobalNorm.scaled(tf, gradient, scale))
            .toList();
    AdamStep step = AdamStep.of(tf, tf.constant(0.01f), tf.constant(1L));
    return DenseAdam.create(tf, variables).update(tf, clipped, step);
  }

  private static double[] numbers(int count) {
    double[] numbers = new double[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = Math.sin(i);
    }
    return numbers;
  }

  /** The end of the name of the device that each node ran on. */
  private static Map<String, String> devices(RunMetadata metadata) {
    Map<String, String> devices = new HashMap<>();
    for (DeviceStepStats device : metadata.getStepStats().getDevStatsList()) {
      String name = device.getDevice();
      for (NodeExecStats node : device.getNodeStatsList()) {
        devices.put(node.getNodeName(), name.substring(name.lastIndexOf("CPU")));
      }
    }
    return devices;
  }
}
