package org.adaptivesoftmax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.adaptivesoftmax.loss.LossOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/** Mixed precision: products of matrices in a half type, with float32 weights and gradients. */
class ComputeTypeTest {
  private static final int FEATURES = 16;
  private static final int CLASSES = 40;
  private static final double[] TARGETS = {0, 39, 5, 6, 14, 15, 3, 22, 9, 6};

  private interface Layer extends Function<Ops, OutputLayer<TFloat32>> {}

  static Stream<Arguments> layers() {
    return Stream.of(
        adaptive("plain", 1, s -> s),
        adaptive("biases", 1, s -> s.headBias(true).tailBias(true)),
        adaptive("label smoothing", 1, s -> s.labelSmoothing(0.1)),
        adaptive("delta", 0.3, s -> s),
        Arguments.of("full softmax", 1.0, (Layer) ComputeTypeTest::full),
        Arguments.of("full softmax, delta", 0.3, (Layer) ComputeTypeTest::full));
  }

  private static OutputLayer<TFloat32> full(Ops tf) {
    return FullSoftmax.builder(TFloat32.class)
        .inFeatures(FEATURES)
        .nClasses(CLASSES)
        .seed(7)
        .build(tf);
  }

  private static Arguments adaptive(
      String name, double delta, UnaryOperator<AdaptiveSoftmaxBuilder<TFloat32>> settings) {
    Layer layer = tf -> settings.apply(builder()).build(tf);
    return Arguments.of(name, delta, layer);
  }

  private static OutputLayer<TFloat32> adaptive(Ops tf) {
    return builder().build(tf);
  }

  private static AdaptiveSoftmaxBuilder<TFloat32> builder() {
    return AdaptiveSoftmax.builder(TFloat32.class)
        .inFeatures(FEATURES)
        .nClasses(CLASSES)
        .cutoffs(6, 15)
        .divValue(2)
        .seed(7);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("layers")
  void bfloat16IsNearFloat32AndGradientsComeBackInFloat32(String name, double delta, Layer layer) {
    List<double[]> expected = lossAndGradients(layer, delta, TFloat32.class);
    List<double[]> actual = lossAndGradients(layer, delta, TBfloat16.class);
    assertThat(actual.get(0)[0])
        .isCloseTo(expected.get(0)[0], withinPercentage(0.5))
        .isNotEqualTo(expected.get(0)[0]);
    for (int i = 1; i < expected.size(); i++) {
      double distance = 0;
      double norm = 0;
      for (int j = 0; j < expected.get(i).length; j++) {
        distance += Math.pow(actual.get(i)[j] - expected.get(i)[j], 2);
        norm += Math.pow(expected.get(i)[j], 2);
      }
      assertThat(Math.sqrt(distance)).as("gradient %d", i).isLessThan(0.02 * Math.sqrt(norm));
    }
  }

  /** The loss and its gradients by the input and every weight. */
  private static List<double[]> lossAndGradients(
      Layer of, double delta, Class<? extends TFloating> type) {
    try (TestGraph graph = new TestGraph()) {
      Ops tf = graph.tf;
      OutputLayer<TFloat32> layer = of.apply(tf);
      Variable<TFloat32> input = tf.variable(Shape.of(TARGETS.length, FEATURES), TFloat32.class);
      Operand<TInt64> targets = graph.constant(TInt64.class, TARGETS, TARGETS.length);
      LossOptions plain = LossOptions.defaults().computeType(type);
      LossOptions options = delta < 1 ? plain.delta(tf, delta) : plain;
      Operand<? extends TFloating> loss = layer.call(tf, input, targets, options).loss();
      assertThat(loss.type()).isEqualTo(TFloat32.class);
      List<Variable<TFloat32>> variables = new ArrayList<>(layer.parameters().values());
      variables.add(input);
      List<Output<?>> gradients = graph.gradients(loss, variables);
      assertThat(gradients).allSatisfy(g -> assertThat(g.dataType()).isEqualTo(DataType.DT_FLOAT));
      graph.initialize();
      Random random = new Random(11);
      for (Variable<TFloat32> variable : variables) {
        graph.assign(variable, random.doubles(variable.shape().size(), -1, 1).toArray());
      }
      List<Operand<?>> fetched = new ArrayList<>(List.of(loss));
      fetched.addAll(gradients);
      return graph.run(fetched);
    }
  }

  /** The types of all products of matrices in the graph, backward passes included. */
  private static List<DataType> productTypes(TestGraph graph) {
    List<DataType> types = new ArrayList<>();
    graph
        .graph()
        .operations()
        .forEachRemaining(
            op -> {
              if (op.type().equals(MatMul.OP_NAME)) {
                types.add(op.attributes().getAttrType("T"));
              }
            });
    return types;
  }

  @Test
  void everyProductIsInTheComputeType() {
    for (Layer of : List.<Layer>of(ComputeTypeTest::full, ComputeTypeTest::adaptive)) {
      try (TestGraph graph = new TestGraph()) {
        OutputLayer<TFloat32> layer = of.apply(graph.tf);
        Operand<TFloat32> input = graph.constant(TFloat32.class, new double[FEATURES], 1, FEATURES);
        LossOptions options = LossOptions.defaults().computeType(TBfloat16.class);
        Operand<?> loss =
            layer.call(graph.tf, input, graph.tf.constant(new int[] {3}), options).loss();
        int forward = productTypes(graph).size();
        graph.gradients(loss, List.copyOf(layer.parameters().values()));
        assertThat(productTypes(graph))
            .hasSizeGreaterThan(forward)
            .containsOnly(DataType.DT_BFLOAT16);
      }
    }
  }

  @Test
  void whatTheLayerPredictsStaysFloat32() {
    try (TestGraph graph = new TestGraph()) {
      Ops tf = graph.tf;
      OutputLayer<TFloat32> layer = full(tf);
      Operand<TFloat32> input = graph.constant(TFloat32.class, new double[FEATURES], 1, FEATURES);
      layer.logProb(tf, input);
      layer.call(tf, input, tf.constant(new int[] {3}));
      assertThat(productTypes(graph)).isNotEmpty().containsOnly(DataType.DT_FLOAT);
    }
  }

  @Test
  void anyFloatingTypeAndNoOther() {
    assertThat(LossOptions.defaults().computeType(TFloat16.class).computeType())
        .isEqualTo(TFloat16.class);
    @SuppressWarnings({"unchecked", "rawtypes"})
    Class<? extends TFloating> wrong = (Class) TInt32.class;
    assertThatThrownBy(() -> LossOptions.defaults().computeType(wrong))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("computeType must be TFloat32, TFloat64, TBfloat16 or TFloat16: TInt32");
  }
}
