package org.adaptivesoftmax.assoftmax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.adaptivesoftmax.NumericGradient;
import org.adaptivesoftmax.TestGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.framework.losses.Reduction;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

class MultiLabelAdaptiveSparseSoftmaxTest {
  private static final double ERROR = 1e-12;

  /** A batch of two-dimensional logits and labels with a mean loss. */
  private record Batch<T extends TNumber>(
      TestGraph graph, Operand<T> logits, Operand<TInt32> labels) {
    static <T extends TNumber> Batch<T> of(
        TestGraph graph, Class<T> type, double[] logits, double[] labels, long classes) {
      long rows = logits.length / classes;
      return new Batch<>(
          graph,
          graph.constant(type, logits, rows, classes),
          graph.constant(TInt32.class, labels, rows, classes));
    }

    List<double[]> lossAndGradient(double delta) {
      Operand<T> loss = softmax(delta, Reduction.AUTO).call(graph.tf, labels, logits, null);
      return graph.run(List.of(loss, graph.gradients(loss, List.of(logits)).get(0)));
    }

    double[] kept(double delta) {
      var kept = softmax(delta, Reduction.AUTO).keptClasses(graph.tf, labels, logits);
      return graph.run(graph.tf.dtypes.cast(kept, TInt32.class));
    }
  }

  @ParameterizedTest
  @MethodSource("org.adaptivesoftmax.assoftmax.SparseGolden#multiLabel")
  void agreesWithTheReference(SparseGolden golden) {
    try (TestGraph graph = new TestGraph()) {
      double[] labels = Arrays.stream(golden.labels()).asDoubleStream().toArray();
      Batch<TFloat64> batch =
          Batch.of(graph, TFloat64.class, golden.logits(), labels, golden.classes());
      List<double[]> result = batch.lossAndGradient(golden.delta());
      assertThat(result.get(0)[0]).isCloseTo(golden.number("loss"), within(ERROR));
      assertThat(result.get(1)).containsExactly(golden.values("gradient"), within(ERROR));
      double[] kept = batch.kept(golden.delta());
      for (int i = 0; i < kept.length; i++) {
        boolean expected = golden.flags("mask_negative")[i] && golden.flags("mask_positive")[i];
        assertThat(kept[i] == 1).isEqualTo(expected);
        assertThat(expected || result.get(1)[i] == 0).isTrue();
      }
    }
  }

  @Property(tries = 60)
  void agreesWithTheEquation(
      @ForAll @IntRange(min = 2, max = 8) int classes,
      @ForAll @DoubleRange(min = 0.01, max = 1) double delta,
      @ForAll long seed) {
    Random random = new Random(seed);
    double[] logits = random.doubles(5L * classes, -4, 4).toArray();
    double[] labels = random.ints(5L * classes, 0, 2).asDoubleStream().toArray();
    try (TestGraph graph = new TestGraph()) {
      Batch<TFloat64> batch = Batch.of(graph, TFloat64.class, logits, labels, classes);
      List<double[]> result = batch.lossAndGradient(delta);
      double[] kept = batch.kept(delta);
      double loss = 0;
      for (int row = 0; row < 5; row++) {
        boolean[] positive = new boolean[classes];
        for (int i = 0; i < classes; i++) {
          positive[i] = labels[row * classes + i] == 1;
        }
        double[] o = Arrays.copyOfRange(logits, row * classes, (row + 1) * classes);
        NaiveMultiLabel naive = new NaiveMultiLabel(o, positive, delta);
        loss += naive.loss() / 5;
        for (int i = 0; i < classes; i++) {
          assertThat(kept[row * classes + i] == 1).isEqualTo(naive.kept(i));
          assertThat(result.get(1)[row * classes + i])
              .isCloseTo(naive.gradient(i) / 5, within(ERROR));
        }
      }
      assertThat(result.get(0)[0]).isCloseTo(loss, within(ERROR));
    }
  }

  @Test
  void hasTheNumericGradient() {
    try (TestGraph graph = new TestGraph()) {
      double[] values = new Random(2).doubles(12, -2, 2).toArray();
      Variable<TFloat64> logits = graph.tf.variable(Shape.of(2, 2, 3), TFloat64.class);
      graph.assign(logits, values);
      Operand<TInt32> labels =
          graph.constant(TInt32.class, new double[] {1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1}, 2, 2, 3);
      Operand<TFloat64> weights = graph.constant(TFloat64.class, new double[] {1, 3}, 2);
      Operand<TFloat64> loss = softmax(0.2, Reduction.AUTO).call(graph.tf, labels, logits, weights);
      assertThat(graph.run(graph.gradients(loss, List.of(logits)).get(0)))
          .containsExactly(NumericGradient.of(graph, loss, logits), within(1e-8));
    }
  }

  /** A difference from the reference, which tests softmax &gt; 0 and so loses an underflowed positive. */
  @ParameterizedTest
  @ValueSource(classes = {TFloat16.class, TBfloat16.class, TFloat32.class, TFloat64.class})
  <T extends TNumber> void keepsAPositiveWhoseSoftmaxUnderflows(Class<T> type) {
    try (TestGraph graph = new TestGraph()) {
      Batch<T> batch =
          Batch.of(graph, type, new double[] {-1024, 1024, 0}, new double[] {1, 0, 0}, 3);
      List<double[]> result = batch.lossAndGradient(0.1);
      assertThat(result.get(0)[0]).isCloseTo(2048, within(2048 / 100.0));
      assertThat(result.get(1)).containsExactly(-1, 1, 0);
      assertThat(batch.kept(0.1)).containsExactly(1, 1, 1);
    }
  }

  /** A difference from the reference, which overflows at a logit of 100. */
  @ParameterizedTest
  @ValueSource(classes = {TFloat16.class, TBfloat16.class, TFloat32.class, TFloat64.class})
  <T extends TNumber> void isFiniteAtExtremeLogits(Class<T> type) {
    for (double logit : new double[] {96, 1e4}) {
      try (TestGraph graph = new TestGraph()) {
        Batch<T> batch =
            Batch.of(graph, type, new double[] {logit, -logit, logit}, new double[] {0, 1, 1}, 3);
        List<double[]> result = batch.lossAndGradient(1);
        assertThat(result.get(0)[0]).isCloseTo(2 * logit, within(logit / 100));
        assertThat(result.get(1)).containsExactly(new double[] {1, -1, 0}, within(1e-30));
      }
    }
  }

  /** A difference from the reference, whose loss and gradient are 0 there. */
  @Test
  void aRowWithoutPositivesMasksNoNegative() {
    double[] o = {3, -1, 0.5};
    try (TestGraph graph = new TestGraph()) {
      Batch<TFloat64> batch = Batch.of(graph, TFloat64.class, o, new double[] {0, 0, 0}, 3);
      double sum = 1 + Math.exp(3) + Math.exp(-1) + Math.exp(0.5);
      for (double delta : new double[] {0.01, 1}) {
        List<double[]> result = batch.lossAndGradient(delta);
        assertThat(batch.kept(delta)).containsExactly(1, 1, 1);
        assertThat(result.get(0)[0]).isCloseTo(Math.log(sum), within(ERROR));
        for (int i = 0; i < 3; i++) {
          assertThat(result.get(1)[i]).isCloseTo(Math.exp(o[i]) / sum, within(ERROR));
        }
      }
    }
  }

  /** A difference from the reference, whose loss and gradient are 0 there. */
  @Test
  void aRowWithoutNegativesMasksNoPositive() {
    double[] o = {3, -1, 0.5};
    try (TestGraph graph = new TestGraph()) {
      Batch<TFloat64> batch = Batch.of(graph, TFloat64.class, o, new double[] {1, 1, 1}, 3);
      double sum = 1 + Math.exp(-3) + Math.exp(1) + Math.exp(-0.5);
      for (double delta : new double[] {0.01, 1}) {
        List<double[]> result = batch.lossAndGradient(delta);
        assertThat(batch.kept(delta)).containsExactly(1, 1, 1);
        assertThat(result.get(0)[0]).isCloseTo(Math.log(sum), within(ERROR));
        for (int i = 0; i < 3; i++) {
          assertThat(result.get(1)[i]).isCloseTo(-Math.exp(-o[i]) / sum, within(ERROR));
        }
      }
    }
  }

  @Test
  void reducesTheRowsAsAsked() {
    try (TestGraph graph = new TestGraph()) {
      Batch<TFloat64> batch =
          Batch.of(graph, TFloat64.class, new double[] {1, 2, 3, 4}, new double[] {1, 0, 0, 1}, 2);
      double[] rows = loss(batch, Reduction.NONE, null);
      Operand<TFloat64> weights = graph.tf.constant(new double[] {1, 3});
      double total = rows[0] + 3 * rows[1];
      assertThat(loss(batch, Reduction.SUM, weights)[0]).isCloseTo(total, within(ERROR));
      assertThat(loss(batch, Reduction.AUTO, weights)[0]).isCloseTo(total / 4, within(ERROR));
      assertThat(loss(batch, Reduction.NONE, weights)).containsExactly(rows[0], 3 * rows[1]);
    }
  }

  @Test
  void saysWhatDoesNotFit() {
    try (TestGraph graph = new TestGraph()) {
      Operand<TFloat64> logits = graph.tf.constant(new double[][] {{1, 2}, {3, 4}});
      MultiLabelAdaptiveSparseSoftmax softmax = softmax(0.1, Reduction.AUTO);
      assertThatThrownBy(() -> softmax.call(graph.tf, graph.tf.constant(new int[2]), logits, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("labels must have the shape of the logits: shapes [2] and [2, 2]");
      Operand<TFloat64> loss =
          softmax.call(graph.tf, graph.tf.constant(new int[][] {{0, 1}, {3, 0}}), logits, null);
      assertThatThrownBy(() -> graph.run(loss)).hasMessageContaining("labels must be 0 or 1:] [3]");
      Operand<TFloat64> unknown = graph.tf.placeholderWithDefault(logits, Shape.unknown());
      Operand<TFloat64> other =
          softmax.call(graph.tf, graph.tf.constant(new int[1][4]), unknown, null);
      assertThatThrownBy(() -> graph.run(other))
          .hasMessageContaining("labels must have the shape of the logits: shapes] [1 4] [2 2]");
      assertThatThrownBy(() -> MultiLabelAdaptiveSparseSoftmax.builder().delta(2))
          .hasMessage("delta must be in (0, 1]: 2.0");
    }
  }

  private static double[] loss(
      Batch<TFloat64> batch, Reduction reduction, Operand<TFloat64> weights) {
    return batch.graph.run(
        softmax(0.1, reduction).call(batch.graph.tf, batch.labels, batch.logits, weights));
  }

  private static MultiLabelAdaptiveSparseSoftmax softmax(double delta, Reduction reduction) {
    return MultiLabelAdaptiveSparseSoftmax.builder().delta(delta).reduction(reduction).build();
  }
}
