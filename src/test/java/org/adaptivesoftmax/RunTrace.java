package org.adaptivesoftmax;

import static java.util.Objects.requireNonNull;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.linalg.Einsum;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.DeviceStepStats;
import org.tensorflow.proto.GraphOptions;
import org.tensorflow.proto.NodeExecStats;
import org.tensorflow.proto.NodeOutput;
import org.tensorflow.proto.OptimizerOptions;
import org.tensorflow.proto.RewriterConfig;
import org.tensorflow.proto.RunOptions;
import org.tensorflow.proto.TensorShapeProto;

/**
 * What one run executed, and where. To tell multiplications, the session must leave the graph as it is built: {@link
 * #withoutRewriting()}.
 */
public final class RunTrace {
  private static final Set<String> PRODUCTS = Set.of(MatMul.OP_NAME, Einsum.OP_NAME);

  private final TestGraph graph;
  private final Map<String, TensorShapeProto> shapeOfOutput = new HashMap<>();
  private final Map<String, String> deviceOfNode = new HashMap<>();
  private long largestFloats;

  private RunTrace(TestGraph graph, List<DeviceStepStats> devices) {
    this.graph = graph;
    for (DeviceStepStats device : devices) {
      for (NodeExecStats node : device.getNodeStatsList()) {
        deviceOfNode.put(node.getNodeName(), device.getDevice());
        for (NodeOutput output : node.getOutputList()) {
          if (output.getTensorDescription().getDtype() == DataType.DT_FLOAT) {
            largestFloats =
                Math.max(largestFloats, elements(output.getTensorDescription().getShape()));
          }
          shapeOfOutput.put(
              node.getNodeName() + ":" + output.getSlot(),
              output.getTensorDescription().getShape());
        }
      }
    }
  }

  public static ConfigProto withoutRewriting() {
    return ConfigProto.newBuilder()
        .setGraphOptions(
            GraphOptions.newBuilder()
                .setOptimizerOptions(
                    OptimizerOptions.newBuilder().setOptLevel(OptimizerOptions.Level.L0))
                .setRewriteOptions(RewriterConfig.newBuilder().setDisableMetaOptimizer(true)))
        .build();
  }

  public static RunTrace of(TestGraph graph, List<? extends Operand<?>> fetched) {
    RunOptions full =
        RunOptions.newBuilder().setTraceLevel(RunOptions.TraceLevel.FULL_TRACE).build();
    Session.Runner runner = graph.session().runner().setOptions(full);
    fetched.forEach(runner::fetch);
    try (Result result = runner.runAndFetchMetadata()) {
      return new RunTrace(
          graph, result.getMetadata().orElseThrow().getStepStats().getDevStatsList());
    }
  }

  private static long elements(TensorShapeProto shape) {
    return shape.getDimList().stream().mapToLong(d -> d.getSize()).reduce(1, (a, b) -> a * b);
  }

  /** Number of values in the largest float32 tensor that an op gave. */
  long largestFloats() {
    return largestFloats;
  }

  /** The multiplications in all products of matrices. */
  public long multiplications() {
    return multiplications("");
  }

  /** The multiplications in the products of matrices on a device. */
  public long multiplications(String device) {
    return deviceOfNode.keySet().stream()
        .filter(node -> requireNonNull(deviceOfNode.get(node)).endsWith(device))
        .map(node -> graph.graph().operation(node))
        .filter(op -> op != null && PRODUCTS.contains(op.type()))
        .mapToLong(this::multiplications)
        .sum();
  }

  private long multiplications(GraphOperation product) {
    TensorShapeProto a = shape(product.input(0));
    boolean transposed =
        product.type().equals(MatMul.OP_NAME) && product.attributes().getAttrBool("transpose_a");
    TensorShapeProto c = shape(product.output(0));
    return a.getDim(transposed ? 0 : 1).getSize() * c.getDim(0).getSize() * c.getDim(1).getSize();
  }

  private TensorShapeProto shape(Output<?> output) {
    String name = output.op().name() + ":" + output.index();
    return requireNonNull(shapeOfOutput.get(name), name);
  }
}
