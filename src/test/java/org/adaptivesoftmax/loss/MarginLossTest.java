package org.adaptivesoftmax.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.AdaptiveSoftmaxBuilder;
import org.adaptivesoftmax.FullSoftmax;
import org.adaptivesoftmax.LayerFixture;
import org.adaptivesoftmax.NumericGradient;
import org.adaptivesoftmax.TestGraph;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/** AS-Softmax over clusters against the same equation on the full distribution. */
class MarginLossTest {
  private static final int ROWS = 24;

  /** Weights so large that some targets are nearly certain. */
  private static final double SCALE = 1.5;

  @ParameterizedTest
  @ValueSource(doubles = {0.02, 0.1, 0.4})
  void lossAndGradientsAreThoseOfTheFullDistribution(double delta) {
    try (LayerFixture fixture = fixture(s -> s.headBias(true).tailBias(true))) {
      Operand<?> loss = loss(fixture, delta);
      double[] expected = naive(fixture, delta);
      assertThat(fixture.graph.run(loss)[0])
          .isCloseTo(Arrays.stream(expected).average().orElseThrow(), within(1e-12));
      fixture
          .gradients(loss)
          .forEach(
              (name, gradient) -> {
                for (double[] direction : LayerFixture.directions(gradient.length, 1)) {
                  assertThat(dot(gradient, direction))
                      .as(name)
                      .isCloseTo(fixture.slope(loss, name, direction, 1e-6), within(1e-7));
                }
              });
    }
  }

  @Test
  void theFixtureHoldsEveryKindOfRow() {
    try (LayerFixture fixture = fixture(s -> s.headBias(true).tailBias(true))) {
      int finished = 0;
      int narrow = 0;
      int otherCluster = 0;
      for (double delta : new double[] {0.02, 0.1, 0.4}) {
        for (int n = 0; n < ROWS; n++) {
          double[] p = probabilities(fixture, n);
          int target = (int) fixture.target[n];
          double least = p[target] - delta;
          if (least > 0) {
            narrow++;
            int[] kept = IntStream.range(0, p.length).filter(c -> p[c] >= least).toArray();
            finished += kept.length == 1 ? 1 : 0;
            boolean elsewhere =
                Arrays.stream(kept).anyMatch(c -> cluster(c) > 0 && cluster(c) != cluster(target));
            otherCluster += elsewhere ? 1 : 0;
          }
        }
      }
      assertThat(finished).isGreaterThan(2);
      assertThat(narrow).isGreaterThan(finished).isLessThan(3 * ROWS);
      assertThat(otherCluster).isGreaterThan(0);
    }
  }

  @Test
  void finishedRowsHaveExactlyNoLossAndNoGradient() {
    try (LayerFixture fixture = fixture(s -> s.reduction(Reduction.NONE))) {
      Operand<TFloat64> rows = typed(loss(fixture, 0.1));
      double[] losses = fixture.graph.run(rows);
      double[] expected = naive(fixture, 0.1);
      double[] byInput =
          fixture
              .gradients(fixture.graph.tf.reduceSum(rows, fixture.graph.tf.constant(0)))
              .get("input");
      int finished = 0;
      for (int n = 0; n < ROWS; n++) {
        double[] gradient =
            Arrays.copyOfRange(byInput, n * LayerFixture.FEATURES, (n + 1) * LayerFixture.FEATURES);
        if (expected[n] == 0) {
          finished++;
          assertThat(losses[n]).isZero();
          assertThat(gradient).containsOnly(0);
        } else {
          assertThat(losses[n]).isCloseTo(expected[n], within(1e-12));
          assertThat(gradient).doesNotContain(0);
        }
      }
      assertThat(finished).isGreaterThan(2);
    }
  }

  @Test
  void deltaOfOneIsThePlainLoss() {
    try (LayerFixture fixture = fixture(s -> s)) {
      Operand<?> plain =
          fixture.layer.call(fixture.graph.tf, fixture.input, fixture.targets).loss();
      Operand<?> widest = loss(fixture, 1);
      assertThat(fixture.graph.run(widest))
          .containsExactly(fixture.graph.run(plain), within(1e-14));
      Map<String, double[]> expected = fixture.gradients(plain);
      fixture
          .gradients(widest)
          .forEach(
              (name, gradient) ->
                  assertThat(gradient).as(name).containsExactly(expected.get(name), within(1e-13)));
    }
  }

  /** p_t − δ is p_t then, which rounding must not lift above the target. */
  @Test
  void theTargetIsKeptHoweverSmallDeltaIs() {
    double[] targets = IntStream.range(0, 400).mapToDouble(n -> 6 + n % 34).toArray();
    try (LayerFixture fixture = new LayerFixture(s -> s.reduction(Reduction.NONE), 3, targets)) {
      double[] losses = fixture.graph.run(loss(fixture, 1e-18));
      for (int n = 0; n < targets.length; n++) {
        double expected = naiveLoss(probabilities(fixture, n), (int) targets[n], 1e-18);
        assertThat(losses[n]).isCloseTo(expected, within(1e-12));
      }
    }
  }

  @Test
  void weightsIgnoredRowsAndLabelOrderApply() {
    long[] reversed = IntStream.range(0, LayerFixture.CLASSES).mapToLong(r -> 39 - r).toArray();
    double[] weights =
        IntStream.range(0, LayerFixture.CLASSES).mapToDouble(c -> 1 + c % 3).toArray();
    double[] ranks = targets();
    double[] labels = Arrays.stream(ranks).map(r -> 39 - r).toArray();
    labels[2] = -100;
    try (LayerFixture fixture =
        new LayerFixture(
            s -> s.ignoreIndex(-100).classWeights(weights).labelOrder(LabelOrder.ranked(reversed)),
            SCALE,
            labels)) {
      double[] expected = new double[2];
      for (int n = 0; n < ROWS; n++) {
        if (n != 2) {
          double weight = weights[(int) labels[n]];
          expected[0] += weight * naiveLoss(probabilities(fixture, n), (int) ranks[n], 0.1);
          expected[1] += weight;
        }
      }
      assertThat(fixture.graph.run(loss(fixture, 0.1))[0])
          .isCloseTo(expected[0] / expected[1], within(1e-12));
    }
  }

  @Test
  void extremeLogitsStayFinite() {
    try (LayerFixture fixture = new LayerFixture(s -> s.headBias(true), 1e4, targets())) {
      Operand<?> loss = loss(fixture, 0.1);
      assertThat(fixture.graph.run(loss)[0]).isFinite();
      fixture
          .gradients(loss)
          .forEach(
              (name, gradient) ->
                  assertThat(Arrays.stream(gradient).allMatch(Double::isFinite)).as(name).isTrue());
    }
  }

  @Test
  void aFullSoftmaxTakesTheMarginToo() {
    try (TestGraph graph = new TestGraph()) {
      FullSoftmax<TFloat64> layer =
          FullSoftmax.builder(TFloat64.class).inFeatures(3).nClasses(5).seed(1).build(graph.tf);
      double[] x = {30, -20, 10, 1, 2, 3, -8, 40, 2, 0.5, 0, -1};
      double[] target = {0, 1, 2, 3};
      var input = graph.tf.variable(Shape.of(4, 3), TFloat64.class);
      graph.initialize();
      graph.assign(input, x);
      double[] logProbs = graph.run(layer.logProb(graph.tf, input));
      target[2] = argMax(Arrays.copyOfRange(logProbs, 10, 15));
      Operand<TInt64> targets = graph.constant(TInt64.class, target, 4);
      LossOptions options = LossOptions.defaults().delta(graph.tf, 0.2);
      Operand<TFloat64> loss = typed(layer.call(graph.tf, input, targets, options).loss());
      double expected = 0;
      for (int n = 0; n < 4; n++) {
        double[] p = Arrays.stream(logProbs, 5 * n, 5 * n + 5).map(Math::exp).toArray();
        expected += naiveLoss(p, (int) target[n], 0.2) / 4;
      }
      assertThat(graph.run(loss)[0]).isCloseTo(expected, within(1e-12));
      double[] byInput = graph.run(graph.gradients(loss, List.of(input)).get(0));
      assertThat(byInput).containsExactly(NumericGradient.of(graph, loss, input), within(1e-8));
    }
  }

  @Test
  void halfPrecisionFollowsFloat32() {
    double[] wide = halfLoss(TFloat32.class);
    assertThat(halfLoss(TBfloat16.class))
        .containsExactly(wide, within(0.02 * Math.max(1, wide[0])));
  }

  private static <T extends TFloating> double[] halfLoss(Class<T> type) {
    try (TestGraph graph = new TestGraph()) {
      AdaptiveSoftmax<T> layer =
          AdaptiveSoftmax.builder(type)
              .inFeatures(8)
              .nClasses(40)
              .cutoffs(6, 15)
              .divValue(2)
              .build(graph.tf);
      graph.initialize();
      double[] x = IntStream.range(0, 80).mapToDouble(i -> (i * 37 % 64 - 32) / 8.0).toArray();
      Operand<T> input = graph.constant(type, x, 10, 8);
      Operand<TInt64> targets =
          graph.constant(TInt64.class, IntStream.range(0, 10).asDoubleStream().toArray(), 10);
      return graph.run(
          layer.call(graph.tf, input, targets, LossOptions.defaults().delta(graph.tf, 0.1)).loss());
    }
  }

  @Test
  void anEmptyBatchHasNoLoss() {
    try (LayerFixture fixture = new LayerFixture(s -> s, 1)) {
      assertThat(fixture.graph.run(loss(fixture, 0.1))).containsExactly(0);
    }
  }

  @Test
  void aWrongDeltaIsRefused() {
    try (LayerFixture fixture = fixture(s -> s)) {
      var tf = fixture.graph.tf;
      LossOptions options = LossOptions.defaults();
      for (double wrong : new double[] {0, -0.1, 1.0001, Double.NaN}) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> options.delta(tf, wrong))
            .withMessage("delta must be in (0, 1]: " + wrong);
      }
      Operand<?> late =
          fixture
              .layer
              .call(tf, fixture.input, fixture.targets, options.delta(tf.constant(1.5f)))
              .loss();
      assertThatThrownBy(() -> fixture.graph.run(late))
          .hasMessageContaining("delta must be in (0, 1]")
          .hasMessageContaining("1.5");
    }
    try (LayerFixture fixture = fixture(s -> s.labelSmoothing(0.25))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> loss(fixture, 0.1))
          .withMessage("delta and labelSmoothing cannot be combined: labelSmoothing 0.25");
    }
  }

  private static LayerFixture fixture(UnaryOperator<AdaptiveSoftmaxBuilder<TFloat64>> settings) {
    return new LayerFixture(settings, SCALE, targets());
  }

  /** Every fourth target at random, the others the best or second best class. */
  private static double[] targets() {
    double[] targets =
        IntStream.range(0, ROWS).mapToDouble(n -> n * 17 % LayerFixture.CLASSES).toArray();
    try (LayerFixture fixture =
        new LayerFixture(s -> s.headBias(true).tailBias(true), SCALE, targets)) {
      for (int n = 0; n < ROWS; n++) {
        if (n % 4 > 0) {
          double[] p = probabilities(fixture, n);
          if (n % 4 == 3) {
            p[argMax(p)] = 0;
          }
          targets[n] = argMax(p);
        }
      }
    }
    return targets;
  }

  private static Operand<?> loss(LayerFixture fixture, double delta) {
    LossOptions options = LossOptions.defaults().delta(fixture.graph.tf, delta);
    return fixture.layer.call(fixture.graph.tf, fixture.input, fixture.targets, options).loss();
  }

  private static double[] naive(LayerFixture fixture, double delta) {
    return IntStream.range(0, ROWS)
        .mapToDouble(n -> naiveLoss(probabilities(fixture, n), (int) fixture.target[n], delta))
        .toArray();
  }

  /** −log p_t + log of the kept classes' sum, on the full distribution. */
  private static double naiveLoss(double[] p, int target, double delta) {
    double kept = Arrays.stream(p).filter(q -> p[target] - q <= delta).sum();
    return Math.log(kept / p[target]);
  }

  private static double[] probabilities(LayerFixture fixture, int n) {
    return Arrays.stream(fixture.naive().logProb(fixture.row(n))).map(Math::exp).toArray();
  }

  private static int cluster(int rank) {
    return rank < 6 ? 0 : rank < 15 ? 1 : 2;
  }

  private static int argMax(double[] values) {
    return IntStream.range(0, values.length)
        .reduce((a, b) -> values[a] >= values[b] ? a : b)
        .orElseThrow();
  }

  @SuppressWarnings("unchecked")
  private static Operand<TFloat64> typed(Operand<?> operand) {
    return (Operand<TFloat64>) operand;
  }

  private static double dot(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
  }
}
