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
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.EagerSession;
import org.tensorflow.Operand;
import org.tensorflow.framework.losses.Reduction;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

class AdaptiveSparseSoftmaxTest {
  // Row 0 is finished at delta 0.1, row 1 keeps all, row 2 keeps two, row 3 has no label.
  private static final double[] LOGITS = {
    5, 0, -1, 1, /**/ 1, 2, 3, 4, /**/ 2, 1.9, -4, -5, /**/ 0, 1, 0, 1
  };
  private static final long[] LABELS = {0, 0, 0, -100};

  @Property(tries = 60)
  void agreesWithTheEquation(
      @ForAll @IntRange(min = 2, max = 9) int classes,
      @ForAll @DoubleRange(min = 0.01, max = 1) double delta,
      @ForAll long seed) {
    Random random = new Random(seed);
    double[] logits = random.doubles(6L * classes, -4, 4).toArray();
    long[] labels = random.longs(6, 0, classes).toArray();
    try (TestGraph graph = new TestGraph()) {
      SparseRun<TFloat64> run = SparseRun.of(graph, TFloat64.class, logits, labels, classes);
      AdaptiveSparseSoftmax sum = softmax(delta, Reduction.SUM);
      List<double[]> result = run.lossAndGradient(sum);
      Boolean[] kept = run.kept(sum);
      double loss = 0;
      for (int row = 0; row < 6; row++) {
        double[] o = Arrays.copyOfRange(logits, row * classes, (row + 1) * classes);
        NaiveAsSoftmax naive = new NaiveAsSoftmax(o, (int) labels[row], delta);
        loss += naive.loss();
        for (int i = 0; i < classes; i++) {
          assertThat(kept[row * classes + i]).isEqualTo(naive.kept(i));
          assertThat(result.get(1)[row * classes + i])
              .isCloseTo(naive.gradient()[i], within(1e-12));
        }
      }
      assertThat(result.get(0)[0]).isCloseTo(loss, within(1e-12));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.5, 1})
  void hasTheNumericGradient(double delta) {
    try (TestGraph graph = new TestGraph()) {
      Variable<TFloat64> logits = graph.tf.variable(Shape.of(2, 2, 4), TFloat64.class);
      graph.assign(logits, LOGITS);
      Operand<TFloat64> weights = graph.constant(TFloat64.class, new double[] {1, 2, 3, 4}, 2, 2);
      Operand<TFloat64> loss =
          softmax(delta, Reduction.AUTO)
              .call(
                  graph.tf,
                  graph.tf.constant(Shape.of(2, 2), DataBuffers.of(LABELS)),
                  logits,
                  weights);
      assertThat(graph.run(graph.gradients(loss, List.of(logits)).get(0)))
          .containsExactly(NumericGradient.of(graph, loss, logits), within(1e-8));
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {TFloat16.class, TBfloat16.class, TFloat32.class, TFloat64.class})
  <T extends TNumber> void isExactAndFiniteAtExtremeLogits(Class<T> type) {
    double[] logits = {1e4, -1e4, 0, /**/ -1e4, 1e4, 0, /**/ 1e4, 1e4, -1e4};
    for (double delta : new double[] {0.1, 1}) {
      try (TestGraph graph = new TestGraph()) {
        SparseRun<T> run = SparseRun.of(graph, type, logits, new long[] {0, 0, 0}, 3);
        List<double[]> result = run.lossAndGradient(softmax(delta, Reduction.SUM));
        double twice = graph.run(graph.constant(type, new double[] {20000}, 1))[0];
        assertThat(result.get(0)[0]).isCloseTo(twice + Math.log(2), within(twice / 100));
        assertThat(result.get(1)).containsExactly(0, 0, 0, -1, 1, 0, -0.5, 0.5, 0);
      }
    }
  }

  @Test
  void finishedRowsHaveALossAndGradientOfExactlyZero() {
    Random random = new Random(1);
    double[] logits = random.doubles(500 * 7L, -3, 3).toArray();
    for (int row = 0; row < 500; row++) {
      logits[row * 7 + 3] = 4 + random.nextDouble();
    }
    long[] labels = new long[500];
    Arrays.fill(labels, 3);
    try (TestGraph graph = new TestGraph()) {
      SparseRun<TFloat32> run = SparseRun.of(graph, TFloat32.class, logits, labels, 7);
      AdaptiveSparseSoftmax softmax = softmax(0.5, Reduction.NONE);
      UnfinishedRows rows = softmax.unfinishedRows(graph.tf, run.labels(), run.logits());
      List<Double> unfinished = Arrays.stream(graph.run(rows.indices())).boxed().toList();
      List<double[]> result = run.lossAndGradient(softmax);
      assertThat(unfinished.size()).isBetween(20, 480);
      for (int row = 0; row < 500; row++) {
        boolean learns = unfinished.contains((double) row);
        assertThat(result.get(0)[row] != 0).isEqualTo(learns);
        for (int i = 0; i < 7; i++) {
          assertThat(learns || result.get(1)[row * 7 + i] == 0).isTrue();
        }
      }
    }
  }

  @Test
  void namesTheUnfinishedRows() {
    try (TestGraph graph = new TestGraph()) {
      SparseRun<TFloat64> run = SparseRun.of(graph, TFloat64.class, LOGITS, LABELS, 4);
      AdaptiveSparseLoss<TFloat64> loss =
          softmax(0.1, Reduction.AUTO).lossAndRows(graph.tf, run.labels(), run.logits(), null);
      assertThat(graph.run(loss.rows().indices())).containsExactly(1, 2);
      assertThat(graph.run(loss.rows().labelled())).containsExactly(3);
      assertThat(graph.run(loss.rows().finished())).containsExactly(1);
      assertThat(graph.run(loss.loss()))
          .containsExactly(run.lossAndGradient(softmax(0.1, Reduction.AUTO)).get(0));
    }
  }

  @Test
  void deltaOneIsPlainSoftmax() {
    try (TestGraph graph = new TestGraph()) {
      SparseRun<TFloat64> run = SparseRun.of(graph, TFloat64.class, LOGITS, LABELS, 4);
      Operand<TFloat64> plain =
          graph.tf.math.neg(
              graph.tf.gatherNd(
                  graph.tf.nn.logSoftmax(run.logits()),
                  graph.tf.constant(new int[][] {{0, 0}, {1, 0}, {2, 0}})));
      assertThat(
              graph.run(
                  softmax(1, Reduction.NONE).call(graph.tf, run.labels(), run.logits(), null)))
          .startsWith(graph.run(plain), within(1e-12));
    }
  }

  @Test
  void deltaMayChangeFromRunToRun() {
    try (TestGraph graph = new TestGraph()) {
      Placeholder<TFloat64> delta =
          graph.tf.placeholder(TFloat64.class, Placeholder.shape(Shape.scalar()));
      SparseRun<TFloat64> run = SparseRun.of(graph, TFloat64.class, LOGITS, LABELS, 4);
      Operand<TFloat64> loss =
          AdaptiveSparseSoftmax.builder()
              .delta(delta)
              .build()
              .call(graph.tf, run.labels(), run.logits(), null);
      for (double value : new double[] {0.1, 0.5, 1}) {
        assertThat(fed(graph, loss, delta, value))
            .isCloseTo(
                run.lossAndGradient(softmax(value, Reduction.AUTO)).get(0)[0], within(1e-15));
      }
      for (double value : new double[] {0, -0.1, 1.1, Double.NaN}) {
        assertThatThrownBy(() -> fed(graph, loss, delta, value))
            .hasMessageContaining("delta must be in (0, 1]:")
            .hasMessageContaining(
                Double.isNaN(value) ? "nan" : Double.toString(value).replace(".0", ""));
      }
    }
  }

  @Test
  void takesLogitsOfAnyRankAndIntLabels() {
    try (TestGraph graph = new TestGraph()) {
      SparseRun<TFloat64> flat = SparseRun.of(graph, TFloat64.class, LOGITS, LABELS, 4);
      AdaptiveSparseSoftmax softmax = softmax(0.1, Reduction.NONE);
      double[] expected = flat.lossAndGradient(softmax).get(0);
      Operand<TInt32> labels =
          graph.tf.reshape(
              graph.tf.dtypes.cast(flat.labels(), TInt32.class),
              graph.tf.constant(new int[] {2, 1, 2}));
      Operand<TFloat64> logits = graph.constant(TFloat64.class, LOGITS, 2, 1, 2, 4);
      Operand<TFloat64> loss = softmax.call(graph.tf, labels, logits, null);
      assertThat(loss.shape()).isEqualTo(Shape.of(2, 1, 2));
      assertThat(graph.run(loss)).containsExactly(expected);
      assertThat(softmax.keptClasses(graph.tf, labels, logits).shape())
          .isEqualTo(Shape.of(2, 1, 2, 4));
      Operand<TFloat64> one =
          softmax.call(
              graph.tf,
              graph.tf.constant(0),
              graph.constant(TFloat64.class, new double[] {1, 2, 3, 4}, 4),
              null);
      assertThat(graph.run(one)).containsExactly(expected[1]);
    }
  }

  @Test
  void weighsRowsAsCrossEntropyDoes() {
    try (TestGraph graph = new TestGraph()) {
      SparseRun<TFloat64> run = SparseRun.of(graph, TFloat64.class, LOGITS, LABELS, 4);
      double[] rows = run.lossAndGradient(softmax(0.1, Reduction.NONE)).get(0);
      Operand<TFloat64> weights = graph.constant(TFloat64.class, new double[] {3, 2, 1, 9}, 4);
      double total = 2 * rows[1] + rows[2];
      assertThat(run.lossAndGradient(softmax(0.1, Reduction.SUM), weights).get(0)[0])
          .isCloseTo(total, within(1e-12));
      assertThat(run.lossAndGradient(softmax(0.1, Reduction.AUTO), weights).get(0)[0])
          .isCloseTo(total / 6, within(1e-12));
      assertThat(run.lossAndGradient(softmax(0.1, Reduction.NONE), weights).get(0))
          .containsExactly(0, 2 * rows[1], rows[2], 0);
      Operand<TFloat64> scalar = graph.tf.constant(2.0);
      assertThat(run.lossAndGradient(softmax(0.1, Reduction.SUM_OVER_BATCH_SIZE), scalar).get(0)[0])
          .isCloseTo(2 * (rows[1] + rows[2]) / 3, within(1e-12));
    }
  }

  @Test
  void weightsOfExamplesHoldForAllTheirLabels() {
    try (TestGraph graph = new TestGraph()) {
      Operand<TFloat64> logits = graph.constant(TFloat64.class, LOGITS, 2, 2, 4);
      Operand<?> labels = graph.tf.constant(Shape.of(2, 2), DataBuffers.of(LABELS));
      AdaptiveSparseSoftmax softmax = softmax(0.1, Reduction.AUTO);
      double[] byExample = new double[] {1, 5};
      double[] byLabel = new double[] {1, 1, 5, 5};
      assertThat(
              graph.run(
                  softmax.call(
                      graph.tf,
                      number(labels),
                      logits,
                      graph.constant(TFloat64.class, byExample, 2))))
          .containsExactly(
              graph.run(
                  softmax.call(
                      graph.tf,
                      number(labels),
                      logits,
                      graph.constant(TFloat64.class, byLabel, 2, 2))));
    }
  }

  @Test
  void isZeroWithoutAnyLabel() {
    try (TestGraph graph = new TestGraph()) {
      long[] labels = {7, 7, 7, 7};
      SparseRun<TFloat32> run = SparseRun.of(graph, TFloat32.class, LOGITS, labels, 4);
      AdaptiveSparseSoftmax softmax =
          AdaptiveSparseSoftmax.builder().delta(0.1).ignoreIndex(7).build();
      List<double[]> result = run.lossAndGradient(softmax);
      assertThat(result.get(0)).containsExactly(0);
      assertThat(Arrays.stream(result.get(1)).map(Math::abs)).containsOnly(0.0);
      SparseRun<TFloat32> empty =
          SparseRun.of(graph, TFloat32.class, new double[0], new long[0], 4);
      assertThat(empty.lossAndGradient(softmax).get(0)).containsExactly(0);
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {TFloat16.class, TBfloat16.class})
  <T extends TNumber> void computesHalfPrecisionInFloat32(Class<T> type) {
    try (TestGraph graph = new TestGraph()) {
      double[] rounded = graph.run(graph.constant(type, LOGITS, 4, 4));
      SparseRun<TFloat32> exact = SparseRun.of(graph, TFloat32.class, rounded, LABELS, 4);
      SparseRun<T> half = SparseRun.of(graph, type, rounded, LABELS, 4);
      AdaptiveSparseSoftmax softmax = softmax(0.1, Reduction.AUTO);
      assertThat(half.kept(softmax)).isEqualTo(exact.kept(softmax));
      List<double[]> expected = exact.lossAndGradient(softmax);
      List<double[]> result = half.lossAndGradient(softmax);
      for (int i = 0; i < 2; i++) {
        double[] once = graph.run(graph.constant(type, expected.get(i), expected.get(i).length));
        assertThat(result.get(i)).containsExactly(once);
      }
    }
  }

  @Test
  void worksEagerly() {
    try (EagerSession session = EagerSession.create()) {
      Ops tf = Ops.create(session);
      Operand<TFloat64> logits = tf.constant(Shape.of(4, 4), DataBuffers.of(LOGITS));
      TFloat64 loss =
          softmax(1, Reduction.SUM).call(tf, tf.constant(LABELS), logits, null).asTensor();
      double expected = 0;
      for (int row = 0; row < 3; row++) {
        double[] o = Arrays.copyOfRange(LOGITS, 4 * row, 4 * row + 4);
        expected += new NaiveAsSoftmax(o, 0, 1).loss();
      }
      assertThat(loss.getDouble()).isCloseTo(expected, within(1e-12));
      assertThatThrownBy(
              () ->
                  softmax(1, Reduction.SUM)
                      .call(tf, tf.constant(new int[] {0, 0, 0, 4}), logits, null))
          .hasMessageContaining("labels must be in 0..")
          .hasMessageContaining("[4]");
    }
  }

  @Test
  void failsTheRunAtALabelOutOfRange() {
    for (long label : new long[] {4, -1, -99}) {
      try (TestGraph graph = new TestGraph()) {
        SparseRun<TFloat64> run =
            SparseRun.of(graph, TFloat64.class, LOGITS, new long[] {0, label, -100, 3}, 4);
        assertThatThrownBy(() -> run.lossAndGradient(softmax(0.1, Reduction.AUTO)))
            .hasMessageContaining(
                "labels must be in 0..] [3] [or ignoreIndex -100:] [%d]".formatted(label));
      }
    }
  }

  @Test
  void failsTheRunAtShapesThatDoNotMatch() {
    try (TestGraph graph = new TestGraph()) {
      Operand<TFloat64> logits = unknown(graph, graph.constant(TFloat64.class, LOGITS, 2, 2, 4));
      Operand<TFloat64> loss =
          softmax(0.1, Reduction.SUM).call(graph.tf, graph.tf.constant(LABELS), logits, null);
      assertThatThrownBy(() -> graph.run(loss))
          .hasMessageContaining("labels must have the shape of the logits without their classes");
      Operand<TFloat64> column = unknown(graph, graph.constant(TFloat64.class, LOGITS, 16, 1));
      Operand<TFloat64> single =
          softmax(0.1, Reduction.SUM).call(graph.tf, graph.tf.constant(new int[16]), column, null);
      assertThatThrownBy(() -> graph.run(single))
          .hasMessageContaining("logits must have at least two classes:] [1]");
    }
  }

  @Test
  void rejectsWhatCannotFit() {
    try (TestGraph graph = new TestGraph()) {
      Ops tf = graph.tf;
      Operand<TFloat64> logits = graph.constant(TFloat64.class, LOGITS, 4, 4);
      AdaptiveSparseSoftmax softmax = softmax(0.1, Reduction.AUTO);
      assertThatThrownBy(() -> softmax.call(tf, tf.constant(new int[5]), logits, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("labels must have the shape of the logits")
          .hasMessageContaining("[5]");
      assertThatThrownBy(() -> softmax.call(tf, tf.constant(new float[4]), logits, null))
          .hasMessage("labels must be int32 or int64: TFloat32");
      assertThatThrownBy(
              () -> softmax.call(tf, tf.constant(0), tf.constant(new int[] {1, 2}), null))
          .hasMessage("logits must be float32, float64, bfloat16 or float16: TInt32");
      assertThatThrownBy(
              () -> softmax.call(tf, tf.constant(new int[4]), logits, tf.constant(new double[5])))
          .hasMessageContaining("sampleWeights must be a scalar or have the leading dimensions")
          .hasMessageContaining("[5]");
      assertThatThrownBy(
              () -> softmax.call(tf, tf.constant(new int[1]), tf.constant(new float[1][1]), null))
          .hasMessageContaining("logits must have at least two classes: shape [1, 1]");
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.1, 1.0000001, Double.NaN, Double.POSITIVE_INFINITY})
  void rejectsADeltaOutOfRange(double delta) {
    assertThatThrownBy(() -> AdaptiveSparseSoftmax.builder().delta(delta))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("delta must be in (0, 1]: " + delta);
  }

  private static AdaptiveSparseSoftmax softmax(double delta, Reduction reduction) {
    return AdaptiveSparseSoftmax.builder().delta(delta).reduction(reduction).build();
  }

  private static double fed(
      TestGraph graph, Operand<TFloat64> loss, Operand<TFloat64> delta, double value) {
    try (TFloat64 tensor = TFloat64.scalarOf(value);
        var result = graph.session().runner().feed(delta, tensor).fetch(loss).run()) {
      return ((TFloat64) result.get(0)).getDouble();
    }
  }

  /** The same values, with a shape that only the run knows. */
  private static <T extends TNumber> Operand<T> unknown(TestGraph graph, Operand<T> value) {
    return graph.tf.placeholderWithDefault(value, Shape.unknown());
  }

  @SuppressWarnings("unchecked")
  private static Operand<TNumber> number(Operand<?> operand) {
    return (Operand<TNumber>) operand;
  }
}
