package org.adaptivesoftmax.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.TestGraph;
import org.adaptivesoftmax.Transfers;
import org.adaptivesoftmax.loss.LossOptions;
import org.junit.jupiter.api.Test;
import org.tensorflow.DeviceSpec;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.DeviceStepStats;
import org.tensorflow.proto.NodeExecStats;
import org.tensorflow.proto.RunMetadata;

/** A training step of a layer whose second tail cluster lives on a device of its own: what crosses, and what lives where. */
class PlacementTest {
  private static final ConfigProto TWO_DEVICES =
      ConfigProto.newBuilder().putDeviceCount("CPU", 2).build();
  private static final DeviceSpec SECOND =
      DeviceSpec.newBuilder().deviceType(DeviceSpec.DeviceType.CPU).deviceIndex(1).build();

  @Test
  void onlyRowsTargetsLogProbabilitiesAndTheirGradientsCross() {
    RunMetadata step = step(LossOptions.defaults());
    Transfers transfers = Transfers.of(step);
    PlacedStep.requireRowsAlone(transfers);
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
                  assertThat(transfer.bytes()).isLessThanOrEqualTo(PlacedStep.bytesOfAllRows()));
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

  private static RunMetadata step(LossOptions options) {
    try (TestGraph graph = new TestGraph(TWO_DEVICES)) {
      return step(graph, options);
    }
  }

  private static RunMetadata step(TestGraph graph, LossOptions options) {
    PlacedStep step = PlacedStep.of(graph.graph(), SECOND, options);
    graph.initialize();
    return step.run(graph.session());
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
