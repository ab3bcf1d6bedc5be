package org.adaptivesoftmax.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.adaptivesoftmax.TestGraph;
import org.adaptivesoftmax.internal.graph.ClassTable;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
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
      assertThat(graph.run(new ClassTable(order).place(graph.tf, classes)))
          .containsExactly(0, 1, 2, 3);
      Operand<?> back =
          new ClassTable(order).labels(graph.tf, new ClassTable(order).ranks(graph.tf, classes));
      assertThat(graph.run(back)).containsExactly(-5, 8, 70, 0x1p63);
    }
  }

  @Test
  void refusesWhatIsNoOrder() {
    assertThatThrownBy(() -> LabelOrder.ranked(4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("labels must hold at least two ids: [4]");
    assertThatThrownBy(() -> LabelOrder.byCount(4, -1, 2))
        .hasMessage("counts[1] must not be negative: -1");
    assertThatThrownBy(() -> LabelOrder.identity(1)).hasMessageContaining("at least two");
  }
}
