package org.adaptivesoftmax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.adaptivesoftmax.loss.SoftmaxLoss;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Operand;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/** Holds the layer against PyTorch 2.13's {@code nn.AdaptiveLogSoftmaxWithLoss}. */
class AdaptiveSoftmaxGoldenTest {
  static Stream<Arguments> cases() {
    return Arrays.stream(Golden.CASES)
        .flatMap(
            name ->
                Stream.of(
                    Arguments.of(name, TFloat64.class, "float64", TInt64.class, 1e-10),
                    Arguments.of(name, TFloat64.class, "float64", TInt32.class, 1e-10),
                    Arguments.of(name, TFloat32.class, "float32", TInt64.class, 1e-5)));
  }

  /** Weights and inputs of ±1e4 leave no digit of a half type: those cases hold for the wider types. */
  static Stream<Arguments> halfCases() {
    return Arrays.stream(Golden.CASES)
        .filter(name -> !name.equals("large_logits"))
        .flatMap(
            name ->
                Stream.of(
                    Arguments.of(name, TBfloat16.class, 2e-2),
                    Arguments.of(name, TFloat16.class, 5e-3)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  <T extends TFloating> void equalsPyTorch(
      String name, Class<T> type, String golden, Class<? extends TNumber> targets, double error) {
    check(Golden.read(name, golden), type, targets, error);
  }

  @ParameterizedTest
  @MethodSource("halfCases")
  <T extends TFloating> void halfTypesAreNearPyTorch(String name, Class<T> type, double error) {
    check(Golden.read(name, "float32"), type, TInt64.class, error);
  }

  private static <T extends TFloating> void check(
      Golden golden, Class<T> type, Class<? extends TNumber> targetType, double error) {
    JsonNode json = golden.json();
    try (TestGraph graph = new TestGraph()) {
      AdaptiveSoftmax<T> layer =
          AdaptiveSoftmax.builder(type)
              .inFeatures(golden.number("in_features"))
              .nClasses(golden.number("n_classes"))
              .cutoffs(golden.cutoffs())
              .divValue(json.get("div_value").asDouble())
              .headBias(json.get("head_bias").asBoolean())
              .build(graph.tf);
      Operand<T> input =
          graph.constant(type, Golden.flat(json.get("input")), Golden.shape(json.get("input")));
      double[] target = Golden.flat(json.get("target"));
      SoftmaxLoss loss =
          layer.call(graph.tf, input, graph.constant(targetType, target, target.length));
      List<Operand<?>> differentiated = new ArrayList<>(List.of(input));
      differentiated.addAll(layer.parameters().values());
      List<Operand<?>> fetched = new ArrayList<>(List.of(loss.output(), loss.loss()));
      fetched.add(layer.logProb(graph.tf, input));
      fetched.add(layer.predict(graph.tf, input));
      fetched.addAll(graph.gradients(loss.loss(), differentiated));
      graph.initialize();
      layer.parameters().forEach((key, variable) -> assign(graph, variable, json, key));
      List<double[]> values = graph.run(fetched);

      assertNear("output", values.get(0), json.get("output"), error);
      assertNear("loss", values.get(1), json.get("loss"), error);
      JsonNode logProb =
          json.has("log_prob") ? json.get("log_prob") : json.get("log_prob_first_rows");
      double[] expected = Golden.flat(logProb);
      assertNear("log_prob", Arrays.copyOf(values.get(2), expected.length), logProb, error);
      if (error < 1e-3) {
        assertThat(values.get(3)).containsExactly(Golden.flat(json.get("predict")));
      }
      assertNear("input gradient", values.get(4), json.get("input_gradient"), error);
      int next = 5;
      for (String key : layer.parameters().keySet()) {
        assertNear(key, values.get(next++), json.get("parameter_gradients").get(key), error);
      }
    }
  }

  private static <T extends TNumber> void assign(
      TestGraph graph, Variable<T> variable, JsonNode json, String key) {
    graph.assign(variable, Golden.flat(json.get("parameters").get(key)));
  }

  /** Near relative to the largest value of the array: gradients hold entries that cancel to almost nothing. */
  private static void assertNear(String what, double[] actual, JsonNode json, double error) {
    double[] expected = Golden.flat(json);
    double scale = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).as("%s[%d]", what, i).isCloseTo(expected[i], within(error * scale));
    }
  }
}
