package org.adaptivesoftmax.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.TestGraph;
import org.adaptivesoftmax.internal.graph.ClassTable;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

class LabelOrderTest {
  @Test
  void ranksByCountWithTheSmallerIdFirstAmongEquals() {
    LabelOrder order = LabelOrder.byCount(5, 9, 5, 0, 9);
    assertThat(
            List.of(order.label(0), order.label(1), order.label(2), order.label(3), order.label(4)))
        .containsExactly(1L, 4L, 0L, 2L, 3L);
  }

  @Test
  void ranksAnyIdsByCountAndKnowsTheirRanks() {
    LabelOrder order = LabelOrder.byCount(Map.of(70L, 5L, -5L, 5L, 8L, 9L, Long.MAX_VALUE, 0L));
    assertThat(List.of(order.label(0), order.label(1), order.label(2), order.label(3)))
        .containsExactly(8L, -5L, 70L, Long.MAX_VALUE);
    assertThat(order.rank(8)).hasValue(0);
    assertThat(order.rank(-5)).hasValue(1);
    assertThat(order.rank(Long.MAX_VALUE)).hasValue(3);
    assertThat(order.rank(9)).isEmpty();
    assertThat(order.rank(Long.MIN_VALUE)).isEmpty();
  }

  @Test
  void knowsTheIdentity() {
    assertThat(LabelOrder.identity(3).isIdentity()).isTrue();
    assertThat(LabelOrder.ranked(0, 1, 2).isIdentity()).isTrue();
    assertThat(LabelOrder.ranked(1, 0, 2).isIdentity()).isFalse();
    assertThat(LabelOrder.ranked(10, 11).isIdentity()).isFalse();
  }

  @Test
  void findsIdsInTheGraphAndTellsThoseThatAreNone() {
    LabelOrder order = LabelOrder.ranked(70, -5, Long.MAX_VALUE, 8);
    try (TestGraph graph = new TestGraph()) {
      Operand<TInt64> ids =
          graph.tf.constant(new long[] {-5, 8, 70, Long.MAX_VALUE, 9, -6, Long.MIN_VALUE, 71});
      assertThat(graph.run(new ClassTable(order).contains(graph.tf, ids)))
          .containsExactly(1, 1, 1, 1, 0, 0, 0, 0);
      Operand<TInt64> classes = graph.tf.constant(new long[] {-5, 8, 70, Long.MAX_VALUE});
      assertThat(graph.run(new ClassTable(order).ranks(graph.tf, classes)))
          .containsExactly(1, 3, 0, 2);
      assertThat(graph.run(new ClassTable(order).places(graph.tf, classes)))
          .containsExactly(0, 1, 2, 3);
      Operand<?> back =
          new ClassTable(order).ids(graph.tf, new ClassTable(order).ranks(graph.tf, classes));
      assertThat(graph.run(back)).containsExactly(-5, 8, 70, 0x1p63);
    }
  }

  /** TensorFlow Java takes digits behind an underscore for an int when it imports a graph. */
  @Test
  void aGraphWithAnyOrderCanBeImported() {
    LabelOrder order =
        LongStream.range(0, 100_000)
            .mapToObj(id -> LabelOrder.ranked(id + 2, id, id + 1))
            .filter(candidate -> candidate.fingerprint().matches("[3-9]\\d{9}.*"))
            .findFirst()
            .orElseThrow();
    try (TestGraph graph = new TestGraph();
        TestGraph imported = new TestGraph()) {
      new ClassTable(order).ranks(graph.tf, graph.tf.constant(new long[] {order.label(0)}));
      imported.graph().importGraphDef(graph.graph().toGraphDef());
      assertThat(imported.graph().toGraphDef().getNodeCount())
          .isEqualTo(graph.graph().toGraphDef().getNodeCount());
    }
  }

  @Test
  void refusesWhatIsNoOrder() {
    assertThatThrownBy(() -> LabelOrder.ranked(4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("labels must hold at least two ids: [4]");
    assertThatThrownBy(() -> LabelOrder.byCount(4, -1, 2))
        .hasMessage("counts[1] must not be negative: -1");
    assertThatThrownBy(() -> LabelOrder.byCount(Map.of(4L, 1L, 7L, -1L)))
        .hasMessage("count of 7 must not be negative: -1");
    assertThatThrownBy(() -> LabelOrder.byCount(Map.of(4L, 1L)))
        .hasMessage("labels must hold at least two ids: [4]");
    assertThatThrownBy(() -> LabelOrder.identity(1)).hasMessageContaining("at least two");
  }

  @Test
  void aGraphHoldsOneTableHoweverManyLayersUseIt() {
    LabelOrder order =
        LabelOrder.ranked(LongStream.range(0, 500).map(i -> 7 * (499 - i)).toArray());
    try (TestGraph graph = new TestGraph()) {
      long before = constants(graph);
      for (int layer = 0; layer < 3; layer++) {
        AdaptiveSoftmax<TFloat32> softmax =
            AdaptiveSoftmax.builder(TFloat32.class)
                .inFeatures(16)
                .nClasses(500)
                .cutoffs(20, 100)
                .labelOrder(order)
                .name("layer" + layer)
                .build(graph.tf);
        Operand<TFloat32> x = graph.tf.zeros(graph.tf.array(2, 16), TFloat32.class);
        softmax.call(graph.tf, x, graph.tf.constant(new long[] {0, 7}));
        softmax.topK(graph.tf, x, 3);
        softmax.logProb(graph.tf, x);
      }
      // Ids, ranks by place, places by rank, and ranks within clusters.
      assertThat(constants(graph) - before).isEqualTo(4);
    }
  }

  /** Constants of at least one value for each class. */
  private static long constants(TestGraph graph) {
    return graph.graph().toGraphDef().getNodeList().stream()
        .filter(node -> node.getOp().equals("Const"))
        .filter(
            node ->
                node.getAttrOrThrow("value").getTensor().getTensorShape().getDimList().stream()
                    .anyMatch(dim -> dim.getSize() >= 500))
        .count();
  }
}
