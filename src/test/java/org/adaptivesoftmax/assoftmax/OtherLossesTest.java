package org.adaptivesoftmax.assoftmax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.adaptivesoftmax.NumericGradient;
import org.adaptivesoftmax.TestGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.EagerSession;
import org.tensorflow.Operand;
import org.tensorflow.framework.losses.Loss;
import org.tensorflow.framework.losses.Reduction;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/** Sparsemax, entmax-1.5 and the focal loss, each by the same rules. */
class OtherLossesTest {
  private static final long IGNORED = AdaptiveSparseSoftmax.DEFAULT_IGNORE_INDEX;
  private static final double EXACT = 1e-12;

  // Row 2 is a tie, row 3 has no label.
  private static final double[] LOGITS = {
    5, 0, -1, 1, /**/ 0.1, 0.2, 0.35, -0.4, /**/ 0.3, 0.3, -4, 0.3, /**/ 0, 1, 0, 1
  };
  private static final long[] LABELS = {0, 0, 1, IGNORED};

  private static final Map<String, Reducible> KINDS =
      Map.of(
          "sparsemax", reduction -> new EntmaxLoss(Entmax.SPARSEMAX, IGNORED, reduction),
          "entmax15", reduction -> new EntmaxLoss(Entmax.ENTMAX15, IGNORED, reduction),
          "focal_0.5", reduction -> new FocalLoss(0.5, IGNORED, reduction),
          "focal_2", reduction -> new FocalLoss(2, IGNORED, reduction),
          "focal_5", reduction -> new FocalLoss(5, IGNORED, reduction));

  /** A loss but for its reduction. */
  @FunctionalInterface
  private interface Reducible {
    Loss by(Reduction reduction);
  }

  private static Stream<String> kinds() {
    return KINDS.keySet().stream().sorted();
  }

  private static Loss loss(String kind, Reduction reduction) {
    return KINDS.get(kind).by(reduction);
  }

  @ParameterizedTest
  @MethodSource("org.adaptivesoftmax.assoftmax.LossGolden#batches")
  void lossesAndGradientsAreThoseOfTheDefinitions(LossGolden golden) {
    for (String kind : KINDS.keySet()) {
      try (TestGraph graph = new TestGraph()) {
        SparseRun<TFloat64> run =
            SparseRun.of(graph, TFloat64.class, golden.logits(), golden.labels(), golden.classes());
        double[] losses =
            graph.run(loss(kind, Reduction.NONE).call(graph.tf, run.labels(), run.logits(), null));
        assertThat(losses).as(kind).containsExactly(golden.values(kind, "losses"), within(EXACT));
        assertThat(run.lossAndGradient(loss(kind, Reduction.SUM)).get(1))
            .as(kind)
            .containsExactly(golden.values(kind, "gradients"), within(EXACT));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("org.adaptivesoftmax.assoftmax.LossGolden#batches")
  void float32IsAsNearAsItCanBe(LossGolden golden) {
    for (String kind : KINDS.keySet()) {
      try (TestGraph graph = new TestGraph()) {
        SparseRun<TFloat32> run =
            SparseRun.of(graph, TFloat32.class, golden.logits(), golden.labels(), golden.classes());
        assertThat(run.lossAndGradient(loss(kind, Reduction.NONE)).get(0))
            .as(kind)
            .containsExactly(golden.values(kind, "losses"), within(1e-5));
        assertThat(run.lossAndGradient(loss(kind, Reduction.SUM)).get(1))
            .as(kind)
            .containsExactly(golden.values(kind, "gradients"), within(2e-6));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("org.adaptivesoftmax.assoftmax.LossGolden#batches")
  void probabilitiesAreThoseOfTheDefinition(LossGolden golden) {
    for (Entmax mapping : Entmax.values()) {
      String kind = mapping == Entmax.SPARSEMAX ? "sparsemax" : "entmax15";
      double[] expected = golden.values(kind, "probabilities");
      try (TestGraph graph = new TestGraph()) {
        Operand<TFloat64> logits =
            graph.constant(
                TFloat64.class, golden.logits(), golden.labels().length, golden.classes());
        double[] p = graph.run(mapping.probabilities(graph.tf, logits));
        assertThat(p).as(kind).containsExactly(expected, within(EXACT));
        for (int i = 0; i < p.length; i++) {
          assertThat(p[i] == 0).isEqualTo(expected[i] == 0);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void gradientsAreTheNumericOnes(String kind) {
    try (TestGraph graph = new TestGraph()) {
      Variable<TFloat64> logits = graph.tf.variable(Shape.of(2, 2, 4), TFloat64.class);
      // Nothing at the border of a support, where the second derivative jumps.
      double[] values = new Random(3).doubles(16, -0.5, 0.5).toArray();
      values[0] = 3;
      graph.assign(logits, values);
      Operand<TFloat64> weights = graph.constant(TFloat64.class, new double[] {1, 2, 3, 4}, 2, 2);
      Operand<TFloat64> loss =
          loss(kind, Reduction.AUTO)
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
  @EnumSource(Entmax.class)
  void theJacobianIsTheNumericOne(Entmax mapping) {
    double[] values = {0.3, 0.1, -0.2, -2.5, /**/ 1, 0.2, 0.7, 0.4};
    for (int of = 0; of < values.length; of++) {
      try (TestGraph graph = new TestGraph()) {
        Variable<TFloat64> logits = graph.tf.variable(Shape.of(2, 4), TFloat64.class);
        graph.assign(logits, values);
        Operand<TFloat64> p =
            graph.tf.reshape(
                mapping.probabilities(graph.tf, logits), graph.tf.constant(new int[] {-1}));
        Operand<TFloat64> one = graph.tf.gather(p, graph.tf.constant(of), graph.tf.constant(0));
        assertThat(graph.run(graph.gradients(one, List.of(logits)).get(0)))
            .containsExactly(NumericGradient.of(graph, one, logits), within(1e-8));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void xlaComputesTheSame(String kind) {
    double[] logits = Arrays.copyOf(LOGITS, 12);
    long[] labels = Arrays.copyOf(LABELS, 3);
    Loss loss = loss(kind, Reduction.SUM);
    try (TestGraph graph = new TestGraph()) {
      List<double[]> expected =
          SparseRun.of(graph, TFloat64.class, logits, labels, 4).lossAndGradient(loss);
      List<double[]> compiled = CompiledRun.lossAndGradient(loss, logits, labels);
      for (int i = 0; i < 2; i++) {
        assertThat(compiled.get(i)).containsExactly(expected.get(i), within(EXACT));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Entmax.class)
  void aTargetThatLeadsByEnoughCostsNothingAtAll(Entmax mapping) {
    double lead = mapping == Entmax.SPARSEMAX ? 1 : 2;
    try (TestGraph graph = new TestGraph()) {
      SparseRun<TFloat32> run =
          SparseRun.of(
              graph,
              TFloat32.class,
              new double[] {7, 7 - lead, 7 - lead, -300, /**/ 0, -1e4, -1e4, -1e4},
              new long[] {0, 0},
              4);
      List<double[]> result = run.lossAndGradient(new EntmaxLoss(mapping));
      assertThat(result.get(0)).containsExactly(0);
      assertThat(Arrays.stream(result.get(1)).map(Math::abs)).containsOnly(0.0);
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {TFloat16.class, TBfloat16.class, TFloat32.class, TFloat64.class})
  <T extends TNumber> void extremeLogitsGiveFiniteLossesAndGradients(Class<T> type) {
    double[] logits = {1e4, -1e4, 0, /**/ -1e4, 1e4, 0, /**/ 1e4, 1e4, -1e4, /**/ 0, 0, 0};
    for (String kind : KINDS.keySet()) {
      try (TestGraph graph = new TestGraph()) {
        SparseRun<T> run = SparseRun.of(graph, type, logits, new long[] {0, 0, 0, 1}, 3);
        double[] losses =
            graph.run(loss(kind, Reduction.NONE).call(graph.tf, run.labels(), run.logits(), null));
        assertThat(Arrays.stream(losses)).as(kind).allMatch(Double::isFinite);
        assertThat(losses[0]).as(kind).isZero();
        assertThat(losses[1]).as(kind).isGreaterThan(1e4);
        assertThat(Arrays.stream(run.lossAndGradient(loss(kind, Reduction.SUM)).get(1)))
            .as(kind)
            .allMatch(Double::isFinite);
      }
    }
  }

  /** Twenty thousand classes that nearly tie, where sums round most. */
  @ParameterizedTest
  @EnumSource(Entmax.class)
  void manyClassesSumToOne(Entmax mapping) {
    int classes = 20_000;
    for (double spread : new double[] {1e-6, 1e-2, 1, 30}) {
      double[] logits = new Random(1).doubles(classes, -spread, spread).toArray();
      try (TestGraph graph = new TestGraph()) {
        Operand<TFloat32> rows = graph.constant(TFloat32.class, logits, 1, classes);
        double[] p = graph.run(mapping.probabilities(graph.tf, rows));
        assertThat(Arrays.stream(p).sum()).as("spread %s", spread).isCloseTo(1, within(1e-4));
        Operand<TFloat64> exact = graph.constant(TFloat64.class, logits, 1, classes);
        double[] doubles = graph.run(mapping.probabilities(graph.tf, exact));
        assertThat(Arrays.stream(doubles).sum()).isCloseTo(1, within(1e-10));
      }
    }
  }

  @Test
  void focalLossWithoutAFocusIsTheCrossEntropy() {
    try (TestGraph graph = new TestGraph()) {
      SparseRun<TFloat64> run = SparseRun.of(graph, TFloat64.class, LOGITS, LABELS, 4);
      List<double[]> expected =
          run.lossAndGradient(AdaptiveSparseSoftmax.builder().delta(1).build());
      List<double[]> result = run.lossAndGradient(new FocalLoss(0));
      assertThat(result.get(0)).containsExactly(expected.get(0), within(EXACT));
      assertThat(result.get(1)).containsExactly(expected.get(1), within(EXACT));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FocalLoss(-1))
        .withMessage("gamma must be at least 0 and finite: -1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FocalLoss(Double.NaN))
        .withMessage("gamma must be at least 0 and finite: NaN");
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void reducesAndWeighsAsAsSoftmaxDoes(String kind) {
    try (TestGraph graph = new TestGraph()) {
      SparseRun<TFloat64> run = SparseRun.of(graph, TFloat64.class, LOGITS, LABELS, 4);
      Operand<TFloat64> rows =
          loss(kind, Reduction.NONE).call(graph.tf, run.labels(), run.logits(), null);
      double[] each = graph.run(rows);
      assertThat(each).hasSize(4).endsWith(0.0);
      double total = Arrays.stream(each).sum();
      assertThat(run.lossAndGradient(loss(kind, Reduction.AUTO)).get(0)[0])
          .isCloseTo(total / 3, within(EXACT));
      assertThat(run.lossAndGradient(loss(kind, Reduction.SUM)).get(0)[0])
          .isCloseTo(total, within(EXACT));
      Operand<TFloat64> weights = graph.constant(TFloat64.class, new double[] {3, 2, 1, 9}, 4);
      assertThat(run.lossAndGradient(loss(kind, Reduction.AUTO), weights).get(0)[0])
          .isCloseTo((3 * each[0] + 2 * each[1] + each[2]) / 6, within(EXACT));
      Operand<TInt32> labels =
          graph.tf.reshape(
              graph.tf.dtypes.cast(run.labels(), TInt32.class),
              graph.tf.constant(new int[] {2, 1, 2}));
      Operand<TFloat64> logits = graph.constant(TFloat64.class, LOGITS, 2, 1, 2, 4);
      Operand<TFloat64> shaped = loss(kind, Reduction.NONE).call(graph.tf, labels, logits, null);
      assertThat(shaped.shape()).isEqualTo(Shape.of(2, 1, 2));
      assertThat(graph.run(shaped)).containsExactly(each);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void worksEagerlyAndRefusesWhatCannotFit(String kind) {
    Loss loss = loss(kind, Reduction.SUM);
    double expected;
    try (TestGraph graph = new TestGraph()) {
      expected =
          SparseRun.of(graph, TFloat64.class, LOGITS, LABELS, 4).lossAndGradient(loss).get(0)[0];
      Ops tf = graph.tf;
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> loss.call(tf, tf.constant(new int[1]), tf.constant(new float[1][1]), null))
          .withMessageContaining("logits must have at least two classes: shape [1, 1]");
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> loss.call(tf, tf.constant(new int[3]), tf.constant(new float[2][4]), null))
          .withMessageContaining("labels must have the shape of the logits");
    }
    try (EagerSession session = EagerSession.create()) {
      Ops tf = Ops.create(session);
      Operand<TFloat64> logits = tf.constant(Shape.of(4, 4), DataBuffers.of(LOGITS));
      TFloat64 value = loss.call(tf, tf.constant(LABELS), logits, null).asTensor();
      assertThat(value.getDouble()).isCloseTo(expected, within(EXACT));
      assertThatThrownBy(() -> loss.call(tf, tf.constant(new int[] {0, 4, 0, 0}), logits, null))
          .hasMessageContaining("labels must be in 0..")
          .hasMessageContaining("[4]");
    }
  }
}
