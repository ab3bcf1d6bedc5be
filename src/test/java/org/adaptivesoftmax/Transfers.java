package org.adaptivesoftmax;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.DeviceStepStats;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.NodeExecStats;
import org.tensorflow.proto.NodeOutput;
import org.tensorflow.proto.RunMetadata;
import org.tensorflow.proto.RunOptions;
import org.tensorflow.proto.TensorDescription;

/**
 * The tensors that crossed from one device to another in a run, as the run's metadata tell: what each op that sends was
 * given.
 *
 * @param all in no order
 */
public record Transfers(List<Transfer> all) {
  private static final Map<DataType, Integer> BYTES =
      Map.of(
          DataType.DT_FLOAT, 4,
          DataType.DT_INT32, 4,
          DataType.DT_INT64, 8,
          DataType.DT_BOOL, 1);

  /**
   * One tensor.
   *
   * @param of the op that computed it
   * @param to the device that took it
   * @param shape its dimensions
   * @param bytes its size
   */
  public record Transfer(String of, String to, List<Long> shape, long bytes) {}

  /** What a run must be told, to tell of its transfers. */
  public static RunOptions options() {
    return RunOptions.newBuilder()
        .setTraceLevel(RunOptions.TraceLevel.FULL_TRACE)
        .setOutputPartitionGraphs(true)
        .build();
  }

  public static Transfers of(RunMetadata metadata) {
    Map<String, TensorDescription> computed = new HashMap<>();
    for (DeviceStepStats device : metadata.getStepStats().getDevStatsList()) {
      for (NodeExecStats node : device.getNodeStatsList()) {
        for (NodeOutput output : node.getOutputList()) {
          computed.put(node.getNodeName() + ":" + output.getSlot(), output.getTensorDescription());
        }
      }
    }
    List<Transfer> transfers = new ArrayList<>();
    for (GraphDef partition : metadata.getPartitionGraphsList()) {
      for (NodeDef node : partition.getNodeList()) {
        if (node.getOp().equals("_Send") || node.getOp().equals("_HostSend")) {
          transfer(node, computed).ifPresent(transfers::add);
        }
      }
    }
    return new Transfers(transfers);
  }

  /** Nothing for what only tells that an op is done. */
  private static Optional<Transfer> transfer(
      NodeDef sender, Map<String, TensorDescription> computed) {
    String input = sender.getInput(0);
    String of = input.contains(":") ? input : input + ":0";
    if (of.startsWith("ctrl_dummy")) {
      return Optional.empty();
    }
    if (of.startsWith("_recv_")) {
      // What is fed is computed nowhere. Batches are checked and cut before they cross: a number is
      // left.
      return Optional.of(new Transfer(of, receiver(sender), List.of(), Float.BYTES));
    }
    TensorDescription tensor = requireNonNull(computed.get(of), of);
    List<Long> shape = tensor.getShape().getDimList().stream().map(d -> d.getSize()).toList();
    long elements = shape.stream().reduce(1L, (a, b) -> a * b);
    return Optional.of(
        new Transfer(
            of,
            receiver(sender),
            shape,
            elements * requireNonNull(BYTES.get(tensor.getDtype()), of)));
  }

  private static String receiver(NodeDef sender) {
    return sender.getAttrOrThrow("recv_device").getS().toStringUtf8();
  }

  public long bytes() {
    return all.stream().mapToLong(Transfer::bytes).sum();
  }
}
