package org.adaptivesoftmax;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.adaptivesoftmax.loss.LossOptions;
import org.adaptivesoftmax.loss.SoftmaxLoss;
import org.junit.jupiter.api.Test;
import org.tensorflow.DeviceSpec;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeExecStats;
import org.tensorflow.proto.RunMetadata;
import org.tensorflow.proto.RunOptions;
import org.tensorflow.proto.TensorDescription;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/** What TensorFlow executed, as its own step statistics tell. */
class ExecutedWorkTest {
  private static final int FEATURES = 16;
  private static final int CLASSES = 1000;

  @Test
  void aClusterThatNoRowTargetsRunsNoMatmul() {
    try (TestGraph graph = new TestGraph()) {
      List<NodeExecStats> nodes = step(graph, builder(), new long[] {0, 3, 7, 9});
      assertThat(matmulRows(nodes)).as("rows that tail clusters' products wrote").isEqualTo(0);
      nodes.forEach(node -> assertThat(elements(node)).isLessThan(4 * CLASSES));
    }
  }

  @Test
  void onlyRowsThatTargetAClusterAreScoredInIt() {
    try (TestGraph graph = new TestGraph()) {
      List<NodeExecStats> nodes = step(graph, builder(), new long[] {0, 3, 7, 9, 500, 501});
      assertThat(matmulRows(nodes)).as("projection and classes of two rows").isEqualTo(4);
    }
  }

  /** The input is 0, so that each of the head's 12 outputs has probability 1/12. */
  @Test
  void aMarginScoresOtherClustersOnlyWhereTheirEntryReachesIt() {
    long[] shortlist = {0, 3, 7, 9};
    try (TestGraph graph = new TestGraph()) {
      LossOptions wide = LossOptions.defaults().delta(graph.tf, 0.5);
      assertThat(matmulRows(nodes(run(graph, builder(), shortlist, wide))))
          .as("every class is kept: nothing to be looked at")
          .isEqualTo(0);
    }
    try (TestGraph graph = new TestGraph()) {
      LossOptions narrow = LossOptions.defaults().delta(graph.tf, 0.05);
      List<NodeExecStats> nodes = nodes(run(graph, builder(), shortlist, narrow));
      assertThat(matmulRows(nodes))
          .as("projection and classes of four rows in both clusters")
          .isEqualTo(16);
      nodes.forEach(node -> assertThat(elements(node)).isLessThan(4 * CLASSES));
    }
  }

  @Test
  void clustersVariablesAndProductsLiveWhereTheyArePlaced() {
    ConfigProto twoDevices = ConfigProto.newBuilder().putDeviceCount("CPU", 2).build();
    DeviceSpec second =
        DeviceSpec.newBuilder().deviceType(DeviceSpec.DeviceType.CPU).deviceIndex(1).build();
    try (TestGraph graph = new TestGraph(twoDevices)) {
      AdaptiveSoftmaxBuilder<TFloat32> placed =
          builder().placement(cluster -> cluster == 2 ? Optional.of(second) : Optional.empty());
      RunMetadata metadata = run(graph, placed, new long[] {0, 50, 500}, LossOptions.defaults());
      Set<String> matmulsOnSecond =
          metadata.getStepStats().getDevStatsList().stream()
              .filter(device -> device.getDevice().endsWith("CPU:1"))
              .flatMap(device -> device.getNodeStatsList().stream())
              .map(NodeExecStats::getTimelineLabel)
              .filter(label -> label.contains("MatMul("))
              .collect(Collectors.toSet());
      assertThat(matmulsOnSecond)
          .as("projection and classes: forward, by input, by weight; forward again out of range")
          .hasSize(7);
    }
  }

  private static AdaptiveSoftmaxBuilder<TFloat32> builder() {
    return AdaptiveSoftmax.builder(TFloat32.class)
        .inFeatures(FEATURES)
        .nClasses(CLASSES)
        .cutoffs(10, 100);
  }

  private static List<NodeExecStats> step(
      TestGraph graph, AdaptiveSoftmaxBuilder<TFloat32> builder, long[] targets) {
    return nodes(run(graph, builder, targets, LossOptions.defaults()));
  }

  private static List<NodeExecStats> nodes(RunMetadata metadata) {
    return metadata.getStepStats().getDevStatsList().stream()
        .flatMap(device -> device.getNodeStatsList().stream())
        .toList();
  }

  private static RunMetadata run(
      TestGraph graph,
      AdaptiveSoftmaxBuilder<TFloat32> builder,
      long[] targets,
      LossOptions options) {
    AdaptiveSoftmax<TFloat32> layer = builder.build(graph.tf);
    var input =
        graph.tf.variable(
            org.tensorflow.ndarray.Shape.of(targets.length, FEATURES), TFloat32.class);
    Operand<TInt64> target =
        graph.tf.placeholderWithDefault(
            graph.tf.constant(targets), org.tensorflow.ndarray.Shape.of(-1));
    SoftmaxLoss loss = layer.call(graph.tf, input, target, options);
    List<Operand<?>> differentiated = new ArrayList<>(layer.parameters().values());
    differentiated.add(input);
    List<Output<?>> gradients = graph.gradients(loss.loss(), differentiated);
    graph.initialize();
    graph.assign(input, new double[targets.length * FEATURES]);
    Session.Runner runner =
        graph
            .session()
            .runner()
            .setOptions(
                RunOptions.newBuilder()
                    .setTraceLevel(RunOptions.TraceLevel.FULL_TRACE)
                    .setOutputPartitionGraphs(true)
                    .build());
    gradients.forEach(gradient -> runner.addTarget(gradient.op()));
    try (org.tensorflow.Result result = runner.runAndFetchMetadata()) {
      return result.getMetadata().orElseThrow();
    }
  }

  /** Rows that forward products within tail clusters wrote: their outputs are [rows, width] and [rows, size]. */
  private static long matmulRows(List<NodeExecStats> nodes) {
    return nodes.stream()
        .filter(node -> node.getTimelineLabel().contains("MatMul("))
        .filter(node -> !node.getNodeName().contains("gradients"))
        .flatMap(node -> node.getOutputList().stream())
        .map(output -> output.getTensorDescription())
        .filter(tensor -> tensor.getShape().getDim(1).getSize() != 12)
        .mapToLong(tensor -> tensor.getShape().getDim(0).getSize())
        .sum();
  }

  /** Float elements of a node's largest output. */
  private static long elements(NodeExecStats node) {
    return node.getOutputList().stream()
        .map(output -> output.getTensorDescription())
        .filter(tensor -> tensor.getDtype() == DataType.DT_FLOAT)
        .filter(tensor -> !node.getNodeName().contains("weight"))
        .filter(tensor -> !node.getNodeName().startsWith("gradients"))
        .mapToLong(ExecutedWorkTest::size)
        .max()
        .orElse(0);
  }

  private static long size(TensorDescription tensor) {
    return tensor.getShape().getDimList().stream()
        .mapToLong(d -> d.getSize())
        .reduce(1, Math::multiplyExact);
  }
}
