package org.adaptivesoftmax.assoftmax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.adaptivesoftmax.TestGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Operand;
import org.tensorflow.framework.losses.Reduction;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;

/** A step that skips finished rows against the plain step. */
class RowSkippingTest {
  private static final int ROWS = SkippedNetwork.ROWS;

  @ParameterizedTest
  @EnumSource(Reduction.class)
  void lossAndGradientsAreThoseOfThePlainStep(Reduction reduction) {
    try (TestGraph graph = new TestGraph()) {
      Ops tf = graph.tf;
      SkippedNetwork mlp = new SkippedNetwork(graph);
      Operand<TInt64> labels = graph.constant(TInt64.class, mlp.labels(), ROWS);
      double[] weighed = IntStream.range(0, ROWS).mapToDouble(n -> 0.5 + n % 3).toArray();
      Operand<TFloat64> weights = graph.constant(TFloat64.class, weighed, ROWS);
      AdaptiveSparseSoftmax loss =
          AdaptiveSparseSoftmax.builder().delta(0.2).reduction(reduction).build();

      Operand<TFloat64> plain =
          loss.call(tf, labels, mlp.logits(tf, List.of(mlp.input())), weights);
      AdaptiveSparseLoss<TFloat64> skipping =
          new RowSkipping(loss).call(tf, labels, List.of(mlp.input()), mlp::logits, weights);

      assertThat(graph.run(skipping.loss())).containsExactly(graph.run(plain), within(1e-12));
      List<double[]> counts =
          graph.run(List.of(skipping.rows().finished(), skipping.rows().labelled()));
      assertThat(counts.get(0)[0]).isBetween(10.0, 34.0);
      assertThat(counts.get(1)).containsExactly(35);
      List<double[]> expected = graph.run(graph.gradients(plain, mlp.variables));
      List<double[]> actual = graph.run(graph.gradients(skipping.loss(), mlp.variables));
      for (int i = 0; i < expected.size(); i++) {
        assertThat(actual.get(i)).containsExactly(expected.get(i), within(1e-12));
      }
    }
  }

  @Test
  void onlyUnfinishedRowsGoThroughTheNetworkAgain() {
    try (TestGraph graph = new TestGraph()) {
      SkippedNetwork mlp = new SkippedNetwork(graph);
      Operand<TInt64> labels = graph.constant(TInt64.class, mlp.labels(), ROWS);
      List<Operand<?>> seen = new ArrayList<>();
      RowSkipping skipping = new RowSkipping(AdaptiveSparseSoftmax.builder().delta(0.2).build());
      AdaptiveSparseLoss<TFloat64> loss =
          skipping.call(
              graph.tf,
              labels,
              List.of(mlp.input()),
              (tf, inputs) -> {
                seen.add(tf.shape.size(inputs.get(0), tf.constant(0)));
                return mlp.logits(tf, inputs);
              });
      double unfinished = graph.run(graph.tf.size(loss.rows().indices()))[0];
      assertThat(unfinished).isBetween(1.0, 25.0);
      assertThat(graph.run(seen.get(0))).containsExactly(ROWS);
      assertThat(graph.run(seen.get(1))).containsExactly(unfinished);
    }
  }

  @Test
  void aBatchWithEveryRowFinishedHasNoLossAndNoGradient() {
    try (TestGraph graph = new TestGraph()) {
      SkippedNetwork mlp = new SkippedNetwork(graph);
      Operand<TInt64> labels = graph.constant(TInt64.class, new double[ROWS], ROWS);
      AdaptiveSparseLoss<TFloat64> loss =
          new RowSkipping(AdaptiveSparseSoftmax.builder().delta(0.1).build())
              .call(
                  graph.tf,
                  labels,
                  List.of(mlp.input()),
                  (tf, inputs) ->
                      tf.math.add(
                          mlp.logits(tf, inputs),
                          tf.constant(new double[] {100, 0, 0, 0, 0, 0, 0, 0, 0})));
      assertThat(graph.run(loss.loss())).containsExactly(0);
      graph
          .run(graph.gradients(loss.loss(), mlp.variables))
          .forEach(gradient -> assertThat(gradient).containsOnly(0));
    }
  }

  @Test
  void labelsOfAnotherRankAreRefused() {
    try (TestGraph graph = new TestGraph()) {
      SkippedNetwork mlp = new SkippedNetwork(graph);
      Operand<TInt64> labels = graph.constant(TInt64.class, new double[ROWS], ROWS / 2, 2);
      RowSkipping skipping = new RowSkipping(AdaptiveSparseSoftmax.builder().build());
      assertThatIllegalArgumentException()
          .isThrownBy(() -> skipping.call(graph.tf, labels, List.of(mlp.input()), mlp::logits))
          .withMessage("labels must be [rows]: shape [20, 2]");
    }
  }
}
