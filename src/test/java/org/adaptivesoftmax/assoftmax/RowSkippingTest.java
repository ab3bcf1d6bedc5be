package org.adaptivesoftmax.assoftmax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.adaptivesoftmax.TestGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Operand;
import org.tensorflow.framework.losses.Reduction;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;

/** A step that skips finished rows against the plain step. */
class RowSkippingTest {
  private static final int ROWS = 40;
  private static final int FEATURES = 6;
  private static final int CLASSES = 9;

  /** Two layers and their input, with weights that are large enough for some rows to be finished. */
  private static final class Mlp {
    final TestGraph graph;
    final List<Variable<TFloat64>> variables = new ArrayList<>();

    Mlp(TestGraph graph) {
      this.graph = graph;
      for (long[] shape : new long[][] {{FEATURES, 8}, {8, CLASSES}, {ROWS, FEATURES}}) {
        variables.add(graph.tf.variable(Shape.of(shape), TFloat64.class));
      }
      graph.initialize();
      Random random = new Random(5);
      variables.forEach(v -> graph.assign(v, random.doubles(v.shape().size(), -2, 2).toArray()));
    }

    Operand<TFloat64> input() {
      return variables.get(2);
    }

    Operand<TFloat64> logits(Ops tf, List<Operand<?>> inputs) {
      @SuppressWarnings("unchecked")
      Operand<TFloat64> rows = (Operand<TFloat64>) inputs.get(0);
      Operand<TFloat64> hidden = tf.math.tanh(tf.linalg.matMul(rows, variables.get(0)));
      return tf.linalg.matMul(hidden, variables.get(1));
    }

    /** Three of four rows have the most probable class as label; some of the others have none. */
    double[] labels() {
      double[] logits = graph.run(logits(graph.tf, List.of(input())));
      return IntStream.range(0, ROWS)
          .mapToDouble(n -> n % 8 == 7 ? -100 : n % 4 == 3 ? n % CLASSES : argMax(logits, n))
          .toArray();
    }

    private static int argMax(double[] logits, int row) {
      int first = row * CLASSES;
      return IntStream.range(0, CLASSES)
          .reduce((a, b) -> logits[first + a] >= logits[first + b] ? a : b)
          .orElseThrow();
    }
  }

  @ParameterizedTest
  @EnumSource(Reduction.class)
  void lossAndGradientsAreThoseOfThePlainStep(Reduction reduction) {
    try (TestGraph graph = new TestGraph()) {
      Ops tf = graph.tf;
      Mlp mlp = new Mlp(graph);
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
      Mlp mlp = new Mlp(graph);
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
      Mlp mlp = new Mlp(graph);
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
      Mlp mlp = new Mlp(graph);
      Operand<TInt64> labels = graph.constant(TInt64.class, new double[ROWS], ROWS / 2, 2);
      RowSkipping skipping = new RowSkipping(AdaptiveSparseSoftmax.builder().build());
      assertThatIllegalArgumentException()
          .isThrownBy(() -> skipping.call(graph.tf, labels, List.of(mlp.input()), mlp::logits))
          .withMessage("labels must be [rows]: shape [20, 2]");
    }
  }
}
