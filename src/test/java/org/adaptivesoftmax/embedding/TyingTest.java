package org.adaptivesoftmax.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.NumericGradient;
import org.adaptivesoftmax.TestGraph;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.op.Op;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;

/** An embedding and an output layer that share variables. */
class TyingTest {
  private static final ClusterPlan PLAN = NaiveEmbedding.PLAN;

  @ParameterizedTest
  @EnumSource(Tying.class)
  void equalsAGatherFromTheFullTableOfSharedVariables(Tying tying) {
    NaiveEmbedding.check(
        LabelOrder.identity(17),
        TInt64.class,
        new int[] {0, 4, 5, 10, 11, 16, 0, 12},
        new long[] {8},
        tying);
    NaiveEmbedding.check(
        NaiveEmbedding.SPARSE_IDS, TInt64.class, new int[] {0, 16, 12}, new long[] {3}, tying);
  }

  @ParameterizedTest
  @EnumSource(Tying.class)
  void gradientsOfSharedVariablesAreTheSumOfBothUses(Tying tying) {
    try (TestGraph graph = new TestGraph()) {
      AdaptiveSoftmax<TFloat64> softmax = softmax(graph);
      AdaptiveEmbedding<TFloat64> embedding = tied(graph, softmax, tying);
      Operand<TFloat64> loss = nextClassLoss(graph, embedding, softmax);
      List<Variable<TFloat64>> variables = new ArrayList<>(softmax.parameters().values());
      variables.addAll(embedding.parameters().values());
      List<Output<?>> gradients = graph.gradients(loss, variables);
      graph.initialize();
      List<double[]> values = graph.run(gradients);
      for (int i = 0; i < variables.size(); i++) {
        assertThat(values.get(i))
            .as(variables.get(i).op().name())
            .containsExactly(NumericGradient.of(graph, loss, variables.get(i)), within(1e-8));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Tying.class)
  void anOptimizerUpdatesEveryVariableByItsGradient(Tying tying) {
    try (TestGraph graph = new TestGraph()) {
      AdaptiveSoftmax<TFloat64> softmax = softmax(graph);
      AdaptiveEmbedding<TFloat64> embedding = tied(graph, softmax, tying);
      Operand<TFloat64> loss = nextClassLoss(graph, embedding, softmax);
      List<Variable<TFloat64>> variables = new ArrayList<>(softmax.parameters().values());
      variables.addAll(embedding.parameters().values());
      List<Output<?>> gradients = graph.gradients(loss, variables);
      Op step = new GradientDescent(graph.graph(), 0.5f).minimize(loss);
      graph.initialize();
      for (int round = 0; round < 10; round++) {
        List<double[]> before = graph.run(variables);
        List<double[]> gradient = graph.run(gradients);
        graph.session().run(step);
        List<double[]> after = graph.run(variables);
        for (int i = 0; i < variables.size(); i++) {
          double[] was = before.get(i);
          double[] by = gradient.get(i);
          double[] expected =
              IntStream.range(0, was.length).mapToDouble(j -> was[j] - 0.5 * by[j]).toArray();
          assertThat(after.get(i))
              .as(variables.get(i).op().name())
              .containsExactly(expected, within(1e-12));
        }
      }
    }
  }

  private static AdaptiveSoftmax<TFloat64> softmax(TestGraph graph) {
    return AdaptiveSoftmax.builder(TFloat64.class).plan(PLAN).seed(5).build(graph.tf);
  }

  private static AdaptiveEmbedding<TFloat64> tied(
      TestGraph graph, AdaptiveSoftmax<TFloat64> softmax, Tying tying) {
    return AdaptiveEmbedding.builder(TFloat64.class).tiedTo(softmax, tying).build(graph.tf);
  }

  /** The smallest language model: from a class to the next. */
  @SuppressWarnings("unchecked")
  private static Operand<TFloat64> nextClassLoss(
      TestGraph graph, AdaptiveEmbedding<TFloat64> embedding, AdaptiveSoftmax<TFloat64> softmax) {
    Operand<TInt64> ids = graph.tf.constant(new long[] {0, 1, 12, 6, 6, 16, 2});
    Operand<TInt64> next = graph.tf.constant(new long[] {1, 12, 6, 6, 16, 2, 10});
    Operand<TFloat64> hidden = graph.tf.math.tanh(embedding.call(graph.tf, ids));
    return (Operand<TFloat64>) softmax.call(graph.tf, hidden, next).loss();
  }

  @Test
  void theEmbeddingNamesItsOwnVariablesAlone() {
    try (TestGraph graph = new TestGraph()) {
      var softmax = softmax(graph);
      assertThat(tied(graph, softmax, Tying.CLASS_ROWS).parameters())
          .containsOnlyKeys("projection.0.weight", "projection.1.weight", "projection.2.weight");
      assertThat(tied(graph, softmax, Tying.PROJECTIONS).parameters())
          .containsOnlyKeys(
              "embedding.0.weight",
              "projection.0.weight",
              "embedding.1.weight",
              "embedding.2.weight");
      assertThat(tied(graph, softmax, Tying.BOTH).parameters())
          .containsOnlyKeys("projection.0.weight");
    }
  }

  @Test
  @SuppressWarnings({"unchecked", "rawtypes"})
  void refusesToBeTiedToWhatDoesNotFit() {
    try (TestGraph graph = new TestGraph();
        TestGraph other = new TestGraph()) {
      var softmax = AdaptiveSoftmax.builder(TFloat32.class).plan(PLAN).build(graph.tf);
      assertRefused(
          graph,
          AdaptiveEmbedding.builder(TFloat32.class)
              .plan(ClusterPlan.of(6, 17, 5))
              .tiedTo(softmax, Tying.BOTH),
          "tied layers must have one plan: embedding ClusterPlan[inFeatures=6, nClasses=17,"
              + " cutoffs=[5], divValue=4.0], softmax ClusterPlan[inFeatures=6, nClasses=17,"
              + " cutoffs=[5, 11], divValue=2.0]");
      assertRefused(
          graph,
          AdaptiveEmbedding.builder(TFloat32.class)
              .labelOrder(NaiveEmbedding.SPARSE_IDS)
              .tiedTo(softmax, Tying.BOTH),
          "tied layers must have one labelOrder: rank 1 is id 7000000049 in the embedding, 1 in"
              + " the softmax");
      assertRefused(
          other,
          AdaptiveEmbedding.builder(TFloat32.class).tiedTo(softmax, Tying.PROJECTIONS),
          "tied layers must be in one graph: the softmax's adaptive_softmax.head.weight is in"
              + " another");
      AdaptiveEmbeddingBuilder raw = AdaptiveEmbedding.builder(TFloat64.class);
      assertRefused(
          graph,
          raw.tiedTo(softmax, Tying.CLASS_ROWS),
          "tied layers must have one type: embedding TFloat64, softmax TFloat32");
    }
  }

  private static void assertRefused(
      TestGraph graph, AdaptiveEmbeddingBuilder<?> builder, String message) {
    assertThatThrownBy(() -> builder.build(graph.tf))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
