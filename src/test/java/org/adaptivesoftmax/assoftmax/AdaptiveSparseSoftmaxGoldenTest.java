package org.adaptivesoftmax.assoftmax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.adaptivesoftmax.TestGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Operand;
import org.tensorflow.framework.losses.Reduction;
import org.tensorflow.types.TFloat64;

/** The published reference's numbers, in float64. */
class AdaptiveSparseSoftmaxGoldenTest {
  private static final double ERROR = 1e-12;

  @ParameterizedTest
  @MethodSource("org.adaptivesoftmax.assoftmax.SparseGolden#singleLabel")
  void keepsTheClassesOfTheReference(SparseGolden golden) {
    try (TestGraph graph = new TestGraph()) {
      assertThat(run(graph, golden).kept(softmax(golden, Reduction.AUTO)))
          .isEqualTo(golden.flags("kept_by_reference"));
    }
  }

  @ParameterizedTest
  @MethodSource("org.adaptivesoftmax.assoftmax.SparseGolden#singleLabel")
  void hasTheLossAndGradientOfTheReference(SparseGolden golden) {
    try (TestGraph graph = new TestGraph()) {
      List<double[]> result = run(graph, golden).lossAndGradient(softmax(golden, Reduction.AUTO));
      assertThat(result.get(0)[0])
          .isCloseTo(golden.number("mean_loss_over_labelled_rows"), within(ERROR));
      assertThat(result.get(1)).containsExactly(golden.values("gradient"), within(ERROR));
      for (int i = 0; i < result.get(1).length; i++) {
        if (golden.values("gradient")[i] == 0) {
          assertThat(result.get(1)[i]).isZero();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("org.adaptivesoftmax.assoftmax.SparseGolden#singleLabel")
  void hasTheRowLossesOfTheReference(SparseGolden golden) {
    try (TestGraph graph = new TestGraph()) {
      SparseRun<TFloat64> run = run(graph, golden);
      Operand<TFloat64> loss =
          softmax(golden, Reduction.NONE).call(graph.tf, run.labels(), run.logits(), null);
      assertThat(graph.run(loss)).containsExactly(golden.values("loss_per_row"), within(ERROR));
    }
  }

  @ParameterizedTest
  @MethodSource("org.adaptivesoftmax.assoftmax.SparseGolden#singleLabel")
  void transformsAsTheReference(SparseGolden golden) {
    try (TestGraph graph = new TestGraph()) {
      SparseRun<TFloat64> run = run(graph, golden);
      double[] transformed =
          graph.run(
              softmax(golden, Reduction.AUTO).transform(graph.tf, run.labels(), run.logits()));
      Boolean[] kept = golden.flags("kept_by_reference");
      double[] logits = golden.logits();
      for (int i = 0; i < logits.length; i++) {
        assertThat(transformed[i]).isEqualTo(kept[i] ? logits[i] : Double.NEGATIVE_INFINITY);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("org.adaptivesoftmax.assoftmax.SparseGolden#singleLabel")
  void finishesTheRowsOfTheReference(SparseGolden golden) {
    try (TestGraph graph = new TestGraph()) {
      SparseRun<TFloat64> run = run(graph, golden);
      UnfinishedRows rows =
          softmax(golden, Reduction.AUTO).unfinishedRows(graph.tf, run.labels(), run.logits());
      assertThat(graph.run(rows.finished()))
          .containsExactly(golden.number("reference_fully_masked_rows"));
    }
  }

  private static SparseRun<TFloat64> run(TestGraph graph, SparseGolden golden) {
    return SparseRun.of(graph, TFloat64.class, golden.logits(), golden.labels(), golden.classes());
  }

  private static AdaptiveSparseSoftmax softmax(SparseGolden golden, Reduction reduction) {
    return AdaptiveSparseSoftmax.builder().delta(golden.delta()).reduction(reduction).build();
  }
}
