package org.adaptivesoftmax.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.TestGraph;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.junit.jupiter.api.Test;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DeviceStepStats;
import org.tensorflow.proto.NodeExecStats;
import org.tensorflow.proto.RunMetadata;
import org.tensorflow.proto.RunOptions;

class MatmulFloorTest {
  /** Four rows in the head's shortlist, three in tail cluster 0, none in 1, two in 2. */
  private static final StepBatch BATCH =
      new StepBatch(
          new StepShape("test", 9, ClusterPlan.of(64, 100, 10, 40, 60)),
          List.of(0, 3, 9, 1, 10, 39, 20, 60, 99));

  @Test
  void runsTheProductsOfTheHeadAndOfUsedTailsAndNoOthers() {
    // Forward, by the input, by the weight: each 2 · rows · in · out.
    long head = 3 * 2 * 9 * 64 * (10 + 3);
    long tail0 = 3 * (2 * 3 * 64 * 16 + 2 * 3 * 16 * 30);
    long tail2 = 3 * (2 * 2 * 64 * 1 + 2 * 2 * 1 * 40);
    try (TestGraph graph = new TestGraph()) {
      List<Operand<?>> products = MatmulFloor.of(graph.tf, BATCH);
      graph.initialize();
      List<GraphOperation> executed = executed(graph, products);
      assertThat(executed).hasSize(3 + 6 + 6);
      assertThat(executed.stream().mapToLong(MatmulFloorTest::flops).sum())
          .isEqualTo(head + tail0 + tail2);
    }
  }

  /** The products that a run executes, whatever the graph holds. */
  private static List<GraphOperation> executed(TestGraph graph, List<Operand<?>> products) {
    Map<String, GraphOperation> matmuls = new HashMap<>();
    graph
        .graph()
        .operations()
        .forEachRemaining(
            op -> {
              if (op.type().contains("MatMul")) {
                matmuls.put(op.name(), op);
              }
            });
    List<GraphOperation> executed = new ArrayList<>();
    for (DeviceStepStats device :
        trace(graph.session(), products).getStepStats().getDevStatsList()) {
      for (NodeExecStats node : device.getNodeStatsList()) {
        if (matmuls.containsKey(node.getNodeName())) {
          executed.add(matmuls.get(node.getNodeName()));
        }
      }
    }
    return executed;
  }

  private static RunMetadata trace(Session session, List<Operand<?>> products) {
    Session.Runner runner = session.runner();
    products.forEach(runner::addTarget);
    runner.setOptions(
        RunOptions.newBuilder().setTraceLevel(RunOptions.TraceLevel.FULL_TRACE).build());
    try (Result result = runner.runAndFetchMetadata()) {
      return result.getMetadata().orElseThrow();
    }
  }

  /** 2 · m · k · n; all shapes are static. */
  private static long flops(GraphOperation matmul) {
    Shape first = matmul.input(0).shape();
    Shape product = matmul.output(0).shape();
    long summed = first.size() / product.get(0);
    return 2 * product.size() * summed;
  }
}
