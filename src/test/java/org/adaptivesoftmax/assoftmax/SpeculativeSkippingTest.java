package org.adaptivesoftmax.assoftmax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.adaptivesoftmax.TestGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Operand;
import org.tensorflow.framework.losses.Reduction;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;

/** A step that guesses which rows are finished, whatever it guesses, against the plain step. */
class SpeculativeSkippingTest {
  private static final int ROWS = SkippedNetwork.ROWS;
  private static final double EXACT = 1e-12;

  /** What is guessed of rows of which some are unfinished indeed. */
  private enum Guess {
    RIGHT,
    WRONG,
    RANDOM,
    ALL,
    NONE;

    boolean[] of(boolean[] unfinished) {
      Random random = new Random(3);
      boolean[] guessed = new boolean[unfinished.length];
      for (int i = 0; i < guessed.length; i++) {
        guessed[i] =
            switch (this) {
              case RIGHT -> unfinished[i];
              case WRONG -> !unfinished[i];
              case RANDOM -> random.nextBoolean();
              case ALL -> true;
              case NONE -> false;
            };
      }
      return guessed;
    }
  }

  private static AdaptiveSparseSoftmax loss(Reduction reduction) {
    return AdaptiveSparseSoftmax.builder().delta(0.2).reduction(reduction).build();
  }

  private static boolean[] unfinished(TestGraph graph, SkippedNetwork network) {
    Operand<TInt64> labels = graph.constant(TInt64.class, network.labels(), ROWS);
    double[] rows =
        graph.run(
            loss(Reduction.AUTO)
                .unfinishedRows(
                    graph.tf, labels, network.logits(graph.tf, List.of(network.input())))
                .indices());
    boolean[] unfinished = new boolean[ROWS];
    for (double row : rows) {
      unfinished[(int) row] = true;
    }
    return unfinished;
  }

  private static Operand<TBool> constant(TestGraph graph, boolean[] values) {
    return graph.tf.constant(values);
  }

  @ParameterizedTest
  @EnumSource(Guess.class)
  void lossAndGradientsAreThoseOfThePlainStep(Guess guess) {
    for (Reduction reduction : List.of(Reduction.AUTO, Reduction.SUM, Reduction.NONE)) {
      try (TestGraph graph = new TestGraph()) {
        Ops tf = graph.tf;
        SkippedNetwork network = new SkippedNetwork(graph);
        Operand<TInt64> labels = graph.constant(TInt64.class, network.labels(), ROWS);
        double[] weighed = IntStream.range(0, ROWS).mapToDouble(n -> 0.5 + n % 3).toArray();
        Operand<TFloat64> weights = graph.constant(TFloat64.class, weighed, ROWS);
        Operand<TFloat64> plain =
            loss(reduction).call(tf, labels, network.logits(tf, List.of(network.input())), weights);
        boolean[] guessed = guess.of(unfinished(graph, network));

        SpeculativeLoss<TFloat64> speculative =
            new SpeculativeSkipping(loss(reduction))
                .call(
                    tf,
                    labels,
                    List.of(network.input()),
                    network::logits,
                    constant(graph, guessed),
                    weights);

        assertThat(graph.run(speculative.loss())).containsExactly(graph.run(plain), within(EXACT));
        List<double[]> expected = graph.run(graph.gradients(plain, network.variables));
        List<double[]> actual = graph.run(graph.gradients(speculative.loss(), network.variables));
        for (int i = 0; i < expected.size(); i++) {
          assertThat(actual.get(i)).containsExactly(expected.get(i), within(EXACT));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Guess.class)
  void eachPassHasTheRowsItIsFor(Guess guess) {
    try (TestGraph graph = new TestGraph()) {
      SkippedNetwork network = new SkippedNetwork(graph);
      Operand<TInt64> labels = graph.constant(TInt64.class, network.labels(), ROWS);
      boolean[] unfinished = unfinished(graph, network);
      boolean[] guessed = guess.of(unfinished);
      List<Operand<?>> passes = new ArrayList<>();
      SpeculativeLoss<TFloat64> loss =
          new SpeculativeSkipping(loss(Reduction.AUTO))
              .call(
                  graph.tf,
                  labels,
                  List.of(network.input()),
                  (tf, inputs) -> {
                    passes.add(tf.shape.size(inputs.get(0), tf.constant(0)));
                    return network.logits(tf, inputs);
                  },
                  constant(graph, guessed));
      int straight = count(guessed, row -> guessed[row]);
      double[] missed =
          IntStream.range(0, ROWS)
              .filter(row -> unfinished[row] && !guessed[row])
              .asDoubleStream()
              .toArray();
      assertThat(graph.run(passes.get(0))).containsExactly(straight);
      assertThat(graph.run(passes.get(1))).containsExactly(ROWS - straight);
      assertThat(graph.run(passes.get(2))).containsExactly(missed.length);
      assertThat(graph.run(loss.missed())).containsExactly(missed);
      assertThat(graph.run(loss.rows().indices()))
          .containsExactly(
              IntStream.range(0, ROWS).filter(row -> unfinished[row]).asDoubleStream().toArray());
      double[] margins = graph.run(loss.margins());
      double[] classes = network.labels();
      for (int row = 0; row < ROWS; row++) {
        if (classes[row] >= 0) {
          assertThat(margins[row] > 0.2).as("row %d", row).isEqualTo(!unfinished[row]);
        }
      }
    }
  }

  private static int count(boolean[] of, IntPredicate predicate) {
    return (int) IntStream.range(0, of.length).filter(predicate).count();
  }

  @Test
  void marginsAreTheLeadOfTheTarget() {
    try (TestGraph graph = new TestGraph()) {
      Ops tf = graph.tf;
      Operand<TFloat64> logits =
          graph.constant(
              TFloat64.class,
              new double[] {
                Math.log(0.5),
                Math.log(0.3),
                Math.log(0.2),
                Math.log(0.1),
                Math.log(0.7),
                Math.log(0.2)
              },
              2,
              3);
      SpeculativeLoss<TFloat64> loss =
          new SpeculativeSkipping(loss(Reduction.AUTO))
              .call(
                  tf,
                  tf.constant(new int[] {0, 2}),
                  List.of(logits),
                  (scope, rows) -> {
                    @SuppressWarnings("unchecked")
                    Operand<TFloat64> typed = (Operand<TFloat64>) rows.get(0);
                    return typed;
                  },
                  constant(graph, new boolean[] {true, false}));
      assertThat(graph.run(loss.margins())).containsExactly(new double[] {0.2, -0.5}, within(1e-6));
    }
  }

  @ParameterizedTest
  @EnumSource(Guess.class)
  void aBatchWithEveryRowFinishedHasNoLossAndNoGradient(Guess guess) {
    try (TestGraph graph = new TestGraph()) {
      SkippedNetwork network = new SkippedNetwork(graph);
      Operand<TInt64> labels = graph.constant(TInt64.class, new double[ROWS], ROWS);
      SpeculativeLoss<TFloat64> loss =
          new SpeculativeSkipping(loss(Reduction.AUTO))
              .call(
                  graph.tf,
                  labels,
                  List.of(network.input()),
                  (tf, inputs) ->
                      tf.math.add(
                          network.logits(tf, inputs),
                          tf.constant(new double[] {100, 0, 0, 0, 0, 0, 0, 0, 0})),
                  constant(graph, guess.of(new boolean[ROWS])));
      assertThat(graph.run(loss.loss())).containsExactly(0);
      assertThat(graph.run(loss.missed())).isEmpty();
      graph
          .run(graph.gradients(loss.loss(), network.variables))
          .forEach(gradient -> assertThat(gradient).containsOnly(0));
    }
  }

  @Test
  void labelsAndGuessesOfAnotherRankAreRefused() {
    try (TestGraph graph = new TestGraph()) {
      SkippedNetwork network = new SkippedNetwork(graph);
      SpeculativeSkipping skipping = new SpeculativeSkipping(loss(Reduction.AUTO));
      Operand<TInt64> labels = graph.constant(TInt64.class, new double[ROWS], ROWS);
      Operand<TBool> guessed = constant(graph, new boolean[ROWS]);
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  skipping.call(
                      graph.tf,
                      graph.tf.expandDims(labels, graph.tf.constant(0)),
                      List.of(network.input()),
                      network::logits,
                      guessed))
          .withMessage("labels must have rank 1: shape %s", Shape.of(1, ROWS));
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  skipping.call(
                      graph.tf,
                      labels,
                      List.of(network.input()),
                      network::logits,
                      graph.tf.expandDims(guessed, graph.tf.constant(0))))
          .withMessage("guessed must have rank 1: shape %s", Shape.of(1, ROWS));
    }
  }
}
