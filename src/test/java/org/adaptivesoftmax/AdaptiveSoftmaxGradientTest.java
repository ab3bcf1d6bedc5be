package org.adaptivesoftmax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.loss.LossOptions;
import org.adaptivesoftmax.loss.Reduction;
import org.adaptivesoftmax.loss.SoftmaxLoss;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat64;

/** Central differences in float64 for every option of the layer. */
class AdaptiveSoftmaxGradientTest {
  private static final double[] MIXED = {0, 39, 5, 6, 14, 15, 3, 22, 9, 6};
  private static final double[] WEIGHTS = {1, 0.5, 2, 0, 3, 1, 0.25, 1, 1, 4};

  private interface Settings extends UnaryOperator<AdaptiveSoftmaxBuilder<TFloat64>> {}

  static Stream<Arguments> options() {
    double[] classWeights = IntStream.range(0, 40).mapToDouble(c -> 0.5 + c % 5).toArray();
    long[] reversed = IntStream.range(0, 40).mapToLong(r -> 39 - r).toArray();
    return Stream.of(
        option("plain", MIXED, 1, s -> s),
        option("head bias", MIXED, 1, s -> s.headBias(true)),
        option("tail bias", MIXED, 1, s -> s.tailBias(true)),
        option(
            "ignoreIndex",
            new double[] {-100, 39, 5, -100, 20, 7, 0, 1, 2, -100},
            1,
            s -> s.ignoreIndex(-100)),
        option(
            "no labelled row", new double[] {-1, -1, -1}, 1, s -> s.ignoreIndex(-1).headBias(true)),
        option("class weights", MIXED, 1, s -> s.classWeights(classWeights)),
        option("label smoothing", MIXED, 1, s -> s.labelSmoothing(0.1)),
        option("sum", MIXED, 1, s -> s.reduction(Reduction.SUM)),
        option("label order", MIXED, 1, s -> s.labelOrder(LabelOrder.ranked(reversed))),
        option("shortlist only", new double[] {0, 1, 2, 5}, 1, s -> s.labelSmoothing(0.2)),
        option("last tail only", new double[] {39, 38, 15}, 1, s -> s.tailBias(true)),
        option("one row", new double[] {7}, 1, s -> s.headBias(true)),
        option(
            "all together",
            new double[] {-7, 39, 5, -7, 20, 7, 0, 1, 2, 30},
            1,
            s ->
                s.headBias(true)
                    .tailBias(true)
                    .ignoreIndex(-7)
                    .classWeights(classWeights)
                    .labelSmoothing(0.3)
                    .labelOrder(LabelOrder.ranked(reversed))
                    .reduction(Reduction.SUM)));
  }

  private static Arguments option(String name, double[] target, double scale, Settings settings) {
    return Arguments.of(name, target, scale, settings);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("options")
  void gradientsEqualCentralDifferences(
      String name, double[] target, double scale, Settings settings) {
    try (LayerFixture fixture = new LayerFixture(settings, scale, target)) {
      Operand<?> loss = fixture.layer.call(fixture.graph.tf, fixture.input, fixture.targets).loss();
      check(fixture, loss);
    }
  }

  @Test
  void gradientsWithSampleWeights() {
    try (LayerFixture fixture = new LayerFixture(s -> s.tailBias(true), 1, MIXED)) {
      LossOptions options =
          LossOptions.defaults()
              .sampleWeights(fixture.graph.constant(TFloat64.class, WEIGHTS, WEIGHTS.length));
      check(
          fixture,
          fixture.layer.call(fixture.graph.tf, fixture.input, fixture.targets, options).loss());
    }
  }

  @Test
  @SuppressWarnings("unchecked")
  void gradientsOfEachRowsLossAndOutput() {
    try (LayerFixture fixture =
        new LayerFixture(s -> s.reduction(Reduction.NONE).labelSmoothing(0.1), 1, MIXED)) {
      var tf = fixture.graph.tf;
      SoftmaxLoss rows = fixture.layer.call(tf, fixture.input, fixture.targets);
      Operand<TFloat64> weights = fixture.graph.constant(TFloat64.class, WEIGHTS, WEIGHTS.length);
      Operand<TFloat64> loss = (Operand<TFloat64>) rows.loss();
      Operand<TFloat64> output = (Operand<TFloat64>) rows.output();
      check(
          fixture,
          tf.reduceSum(
              tf.math.add(tf.math.mul(weights, loss), tf.math.square(output)), tf.constant(0)));
    }
  }

  @Test
  void gradientsOfLogProb() {
    try (LayerFixture fixture = new LayerFixture(s -> s.headBias(true), 1, MIXED)) {
      var tf = fixture.graph.tf;
      Operand<?> logProb = fixture.layer.logProb(tf, fixture.input);
      @SuppressWarnings("unchecked")
      Operand<TFloat64> typed = (Operand<TFloat64>) logProb;
      check(fixture, tf.reduceSum(tf.math.square(typed), tf.constant(new int[] {0, 1})));
    }
  }

  @Test
  void gradientsStayFiniteAtExtremeLogits() {
    try (LayerFixture fixture =
        new LayerFixture(s -> s.headBias(true).tailBias(true).labelSmoothing(0.1), 1e4, MIXED)) {
      Operand<?> loss = fixture.layer.call(fixture.graph.tf, fixture.input, fixture.targets).loss();
      assertThat(fixture.graph.run(loss)[0]).isFinite().isGreaterThan(1e3);
      fixture
          .gradients(loss)
          .forEach(
              (name, gradient) ->
                  assertThat(Arrays.stream(gradient).allMatch(Double::isFinite)).as(name).isTrue());
    }
  }

  /** A new session starts dropout's random numbers anew, so that both ends of a difference drop the same values. */
  @Test
  void gradientsWithDropout() {
    Map<String, double[]> gradients = dropoutRun("", 0).gradients;
    for (String name : gradients.keySet()) {
      double[] gradient = gradients.get(name);
      double expected = (dropoutRun(name, 1e-5).loss - dropoutRun(name, -1e-5).loss) / 2e-5;
      double actual = dot(gradient, LayerFixture.directions(gradient.length, 1).get(0));
      assertThat(actual).as(name).isCloseTo(expected, within(1e-7));
    }
  }

  private record DropoutRun(double loss, Map<String, double[]> gradients) {}

  private static DropoutRun dropoutRun(String moved, double step) {
    try (LayerFixture fixture = new LayerFixture(s -> s.tailDropout(0.5), 1, MIXED)) {
      Operand<?> loss =
          fixture
              .layer
              .call(
                  fixture.graph.tf,
                  fixture.input,
                  fixture.targets,
                  LossOptions.defaults().training(true))
              .loss();
      if (moved.isEmpty()) {
        return new DropoutRun(0, fixture.gradients(loss));
      }
      double[] values = fixture.values().get(moved).clone();
      double[] direction = LayerFixture.directions(values.length, 1).get(0);
      for (int i = 0; i < values.length; i++) {
        values[i] += step * direction[i];
      }
      fixture.graph.assign(fixture.variables().get(moved), values);
      return new DropoutRun(fixture.graph.run(loss)[0], Map.of());
    }
  }

  private static void check(LayerFixture fixture, Operand<?> loss) {
    fixture
        .gradients(loss)
        .forEach(
            (name, gradient) -> {
              for (double[] direction : LayerFixture.directions(gradient.length, 3)) {
                double expected = fixture.slope(loss, name, direction, 1e-5);
                assertThat(dot(gradient, direction))
                    .as(name)
                    .isCloseTo(expected, within(1e-7 * Math.max(1, Math.abs(expected))));
              }
            });
  }

  private static double dot(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
  }
}
