package org.adaptivesoftmax.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import org.adaptivesoftmax.TestGraph;
import org.adaptivesoftmax.assoftmax.AdaptiveSparseSoftmax;
import org.adaptivesoftmax.assoftmax.UnfinishedRows;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/** A batch has just the finished rows that it says. */
class SparseBatchTest {
  private static final SparseShape SHAPE = new SparseShape("tiny", 60, 32, List.of(48), 20);

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.5, 0.8})
  void theGivenShareOfRowsIsFinished(double finished) {
    SparseBatch batch = SparseBatch.of(SHAPE, finished, SparseBatch.Leaders.of(SHAPE));
    try (TestGraph graph = new TestGraph()) {
      Variables variables = new Variables(graph.tf);
      Operand<TFloat32> input = variables.normal(SHAPE.rows(), SHAPE.inputs());
      Operand<TInt64> labels = variables.targets(batch.labels());
      UnfinishedRows rows =
          AdaptiveSparseSoftmax.builder()
              .delta(SparseShape.DELTA)
              .build()
              .unfinishedRows(
                  graph.tf, labels, SparseShape.logits(graph.tf, input, SHAPE.weights(graph.tf)));
      graph.initialize();
      assertThat(graph.run(rows.finished())).containsExactly(Math.rint(60 * finished));
    }
  }

  @Test
  void rowsThatCannotBeFinishedAreNotPromised() {
    SparseBatch.Leaders leaders = new SparseBatch.Leaders(List.of(0, 1), List.of(1, 0), List.of(1));
    SparseShape two = new SparseShape("two", 2, 4, List.of(), 2);
    assertThatIllegalStateException()
        .isThrownBy(() -> SparseBatch.of(two, 1, leaders))
        .withMessage("only 1 rows of two can be finished: 2 wanted");
  }
}
