package org.adaptivesoftmax.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.AdaptiveSoftmaxBuilder;
import org.adaptivesoftmax.TestGraph;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.DeviceSpec;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/** The compiled form against the dynamic one: log-probabilities, loss and the gradients by every weight and the input. */
@Tag("slow")
class CompiledLossTest {
  private static final int FEATURES = 8;
  private static final int CLASSES = 40;
  private static final double[] MIXED = {0, 39, 5, 6, 14, 15, 3, 22, 9, 6};

  /** Results by name would hide nothing: output, loss, then the gradients in the order of the parameters. */
  private record Settings<T extends TFloating>(
      Class<T> type, UnaryOperator<AdaptiveSoftmaxBuilder<T>> builder, boolean withSampleWeights) {}

  static Stream<Arguments> options() {
    double[] classWeights = IntStream.range(0, CLASSES).mapToDouble(c -> 0.5 + c % 5).toArray();
    long[] reversed = IntStream.range(0, CLASSES).mapToLong(r -> CLASSES - 1 - r).toArray();
    double[] random = new Random(3).ints(300, 0, CLASSES).asDoubleStream().toArray();
    return Stream.of(
        option("random rows, several blocks", random, s -> s),
        option(
            "random rows, everything",
            random,
            s -> s.headBias(true).tailBias(true).labelSmoothing(0.1)),
        option("all rows in the last tail", repeated(300, 20, 39), s -> s.tailBias(true)),
        option("all rows in the first tail", repeated(257, 6, 14), s -> s),
        option("all rows of one class", repeated(140, 39, 39), s -> s),
        option("all rows in the shortlist", repeated(300, 0, 5), s -> s.labelSmoothing(0.2)),
        option("one row of a tail", new double[] {7}, s -> s.headBias(true)),
        option("one row of the shortlist", new double[] {2}, s -> s.headBias(true)),
        option("whole blocks", repeated(256, 15, 39), s -> s),
        option("sum", MIXED, s -> s.reduction(Reduction.SUM)),
        option("class weights", MIXED, s -> s.classWeights(classWeights)),
        option("label order", MIXED, s -> s.labelOrder(LabelOrder.ranked(reversed))),
        option(
            "ignoreIndex",
            new double[] {-100, 39, 5, -100, 20, 7, 0, -100},
            s -> s.ignoreIndex(-100)),
        option("no labelled row", new double[] {-1, -1, -1}, s -> s.ignoreIndex(-1).headBias(true)),
        option(
            "all together",
            new double[] {-7, 39, 5, -7, 20, 7, 0, 1, 2, 30},
            s ->
                s.headBias(true)
                    .tailBias(true)
                    .ignoreIndex(-7)
                    .classWeights(classWeights)
                    .labelSmoothing(0.3)
                    .labelOrder(LabelOrder.ranked(reversed))
                    .reduction(Reduction.SUM)));
  }

  private static Arguments option(
      String name, double[] target, UnaryOperator<AdaptiveSoftmaxBuilder<TFloat32>> settings) {
    return Arguments.of(name, target, settings);
  }

  private static double[] repeated(int rows, int first, int last) {
    return IntStream.range(0, rows).mapToDouble(n -> first + n % (last - first + 1)).toArray();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("options")
  void equalsTheDynamicForm(
      String name, double[] target, UnaryOperator<AdaptiveSoftmaxBuilder<TFloat32>> builder) {
    for (boolean withSampleWeights : new boolean[] {false, true}) {
      Settings<TFloat32> settings = new Settings<>(TFloat32.class, builder, withSampleWeights);
      assertClose(run(settings, true, target), run(settings, false, target), 1e-5);
    }
  }

  @Test
  void equalsTheDynamicFormInFloat64() {
    Settings<TFloat64> settings =
        new Settings<>(TFloat64.class, s -> s.headBias(true).labelSmoothing(0.1), true);
    assertClose(run(settings, true, MIXED), run(settings, false, MIXED), 1e-12);
  }

  /** Both forms round weights and activations to 8 bits, in different places. */
  @Test
  void isAsExactAsTheDynamicFormInBfloat16() {
    double[] target = repeated(300, 0, 39);
    UnaryOperator<AdaptiveSoftmaxBuilder<TBfloat16>> half =
        s -> s.headBias(true).tailBias(true).labelSmoothing(0.1);
    List<double[]> exact =
        run(
            new Settings<>(
                TFloat64.class, s -> s.headBias(true).tailBias(true).labelSmoothing(0.1), true),
            false,
            target);
    List<double[]> dynamic = run(new Settings<>(TBfloat16.class, half, true), false, target);
    List<double[]> compiled = run(new Settings<>(TBfloat16.class, half, true), true, target);
    for (int i = 0; i < exact.size(); i++) {
      double scale = Arrays.stream(exact.get(i)).map(Math::abs).max().orElseThrow();
      double worst = worst(compiled.get(i), exact.get(i));
      assertThat(worst).as("result %d", i).isLessThan(0.02 * scale);
      assertThat(worst).as("result %d", i).isLessThan(2 * worst(dynamic.get(i), exact.get(i)));
    }
  }

  /** Mixed precision: products in bfloat16, while weights, gradients and loss are float32. */
  @Test
  void multipliesInAnotherTypeThanTheWeights() {
    double[] target = repeated(300, 0, 39);
    try (TestGraph graph = new TestGraph()) {
      AdaptiveSoftmax<TFloat32> layer =
          layer(new Settings<>(TFloat32.class, s -> s.labelSmoothing(0.1), false), graph);
      var input = graph.tf.variable(Shape.of(target.length, FEATURES), TFloat32.class);
      graph.initialize();
      initialize(graph, layer, input, 1);
      Operand<TInt64> targets = graph.constant(TInt64.class, target, target.length);
      LossOptions mixed = LossOptions.defaults().computeType(TBfloat16.class);
      List<Operand<?>> compiled =
          results(graph, layer, input, layer.call(graph.tf, input, targets, mixed));
      assertThat(compiled).allMatch(result -> result.type() == TFloat32.class);
      List<double[]> half = graph.run(compiled);
      List<double[]> exact = graph.run(results(graph, layer.dynamic(), input, targets));
      assertClose(half, exact, 0.02);
      assertThat(worst(half.get(0), exact.get(0))).as("rounded to bfloat16").isGreaterThan(1e-4);
    }
  }

  @Test
  void extremeLogitsStayFinite() {
    Settings<TFloat32> settings =
        new Settings<>(TFloat32.class, s -> s.headBias(true).labelSmoothing(0.1), false);
    for (double[] result : run(settings, true, MIXED, 1e4)) {
      assertThat(Arrays.stream(result).allMatch(Double::isFinite)).isTrue();
    }
  }

  @Test
  void oneGraphServesBatchAfterBatch() {
    try (TestGraph graph = new TestGraph()) {
      AdaptiveSoftmax<TFloat32> layer = layer(new Settings<>(TFloat32.class, s -> s, false), graph);
      int rows = 37;
      Variable<TFloat32> input = graph.tf.variable(Shape.of(rows, FEATURES), TFloat32.class);
      Variable<TInt64> target = graph.tf.variable(Shape.of(rows), TInt64.class);
      List<Operand<?>> compiled = results(graph, layer, input, target);
      List<Operand<?>> dynamic = results(graph, layer.dynamic(), input, target);
      graph.initialize();
      initialize(graph, layer, input, 1);
      Random random = new Random(5);
      for (int batch = 0; batch < 50; batch++) {
        int first = random.nextInt(CLASSES);
        int end = first + 1 + random.nextInt(CLASSES - first);
        graph.assign(target, random.ints(rows, first, end).asDoubleStream().toArray());
        assertClose(graph.run(compiled), graph.run(dynamic), 1e-5);
      }
    }
  }

  @Test
  void anInputWithoutBatchIsOneRow() {
    try (TestGraph graph = new TestGraph()) {
      AdaptiveSoftmax<TFloat32> layer = layer(new Settings<>(TFloat32.class, s -> s, false), graph);
      Variable<TFloat32> input = graph.tf.variable(Shape.of(FEATURES), TFloat32.class);
      graph.initialize();
      initialize(graph, layer, input, 1);
      Operand<TInt64> target = graph.tf.constant(17L);
      List<Operand<?>> compiled = results(graph, layer, input, target);
      assertThat(graph.run(compiled.get(0))).hasSize(1);
      assertClose(
          graph.run(compiled), graph.run(results(graph, layer.dynamic(), input, target)), 1e-5);
    }
  }

  @Test
  void aTargetThatIsNoClassFailsTheRun() {
    assertThatThrownBy(
            () -> run(new Settings<>(TFloat32.class, s -> s, false), true, new double[] {3, 40}))
        .hasMessageContaining("target must be a class in 0..39")
        .hasMessageContaining("40");
  }

  @Test
  void whatCannotBeCompiledIsRefused() {
    try (TestGraph graph = new TestGraph()) {
      assertThatThrownBy(
              () ->
                  layer(
                      new Settings<>(TFloat32.class, s -> s.reduction(Reduction.NONE), false),
                      graph))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("compiled needs a loss that is reduced, SUM or MEAN: reduction NONE");
      DeviceSpec cpu = DeviceSpec.newBuilder().deviceType(DeviceSpec.DeviceType.CPU).build();
      assertThatThrownBy(
              () ->
                  layer(
                      new Settings<>(
                          TFloat32.class,
                          s -> s.placement(c -> c == 2 ? Optional.of(cpu) : Optional.empty()),
                          false),
                      graph))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "compiled needs all clusters on one device: head on any, tail cluster 2 on " + cpu);

      var tf = graph.tf;
      AdaptiveSoftmax<TFloat32> layer =
          layer(new Settings<>(TFloat32.class, s -> s.tailDropout(0.5), false), graph);
      Operand<TFloat32> two = tf.constant(new float[2][FEATURES]);
      Operand<TInt64> targets = tf.constant(new long[] {1, 39});
      Operand<TFloat32> any =
          tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, FEATURES)));
      assertThatThrownBy(() -> layer.call(tf, any, targets))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "compiled needs an input whose number of rows is known and not 0: shape [-1, 8]");
      LossOptions options = LossOptions.defaults();
      assertThatThrownBy(() -> layer.call(tf, two, targets, options.delta(tf, 0.1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("compiled and delta cannot be combined");
      assertThatThrownBy(() -> layer.call(tf, two, targets, options.training(true)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("compiled and tailDropout cannot be combined in training: tailDropout 0.5");
      assertThatThrownBy(() -> graph.gradients(layer.call(tf, two, targets).output(), List.of(two)))
          .hasMessageContaining("PreventGradient");
    }
  }

  private static <T extends TFloating> AdaptiveSoftmax<T> layer(
      Settings<T> settings, TestGraph graph) {
    return settings
        .builder()
        .apply(
            AdaptiveSoftmax.builder(settings.type)
                .inFeatures(FEATURES)
                .nClasses(CLASSES)
                .cutoffs(6, 15)
                .divValue(2)
                .seed(7)
                .compiled(true))
        .build(graph.tf);
  }

  private static <T extends TFloating> List<double[]> run(
      Settings<T> settings, boolean compiled, double[] target) {
    return run(settings, compiled, target, 1);
  }

  private static <T extends TFloating> List<double[]> run(
      Settings<T> settings, boolean compiled, double[] target, double scale) {
    try (TestGraph graph = new TestGraph()) {
      AdaptiveSoftmax<T> built = layer(settings, graph);
      AdaptiveSoftmax<T> layer = compiled ? built.compiled() : built.dynamic();
      Variable<T> input = graph.tf.variable(Shape.of(target.length, FEATURES), settings.type);
      graph.initialize();
      initialize(graph, layer, input, scale);
      Operand<TInt64> targets = graph.constant(TInt64.class, target, target.length);
      if (!settings.withSampleWeights) {
        return graph.run(results(graph, layer, input, targets));
      }
      double[] weights = DoubleStream.iterate(0, w -> (w + 0.7) % 3).limit(target.length).toArray();
      Operand<TFloat32> sampleWeights = graph.constant(TFloat32.class, weights, target.length);
      LossOptions options = LossOptions.defaults().sampleWeights(sampleWeights);
      SoftmaxLoss loss = layer.call(graph.tf, input, targets, options);
      List<Operand<?>> results = new ArrayList<>(results(graph, layer, input, loss));
      results.addAll(graph.gradients(loss.loss(), List.of(sampleWeights)));
      return graph.run(results);
    }
  }

  private static <T extends TFloating> List<Operand<?>> results(
      TestGraph graph, AdaptiveSoftmax<T> layer, Operand<T> input, Operand<TInt64> target) {
    return results(graph, layer, input, layer.call(graph.tf, input, target));
  }

  private static <T extends TFloating> List<Operand<?>> results(
      TestGraph graph, AdaptiveSoftmax<T> layer, Operand<T> input, SoftmaxLoss loss) {
    List<Operand<?>> by = new ArrayList<>(layer.parameters().values());
    by.add(input);
    List<Operand<?>> all = new ArrayList<>(List.of(loss.output(), loss.loss()));
    all.addAll(graph.gradients(loss.loss(), by));
    return all;
  }

  private static <T extends TFloating> void initialize(
      TestGraph graph, AdaptiveSoftmax<T> layer, Variable<T> input, double scale) {
    Random random = new Random(11);
    for (Variable<T> variable : layer.parameters().values()) {
      graph.assign(variable, random.doubles(variable.shape().size(), -scale, scale).toArray());
    }
    graph.assign(input, random.doubles(input.shape().size(), -1, 1).toArray());
  }

  private static void assertClose(List<double[]> actual, List<double[]> expected, double error) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i)).as("result %d", i).hasSameSizeAs(expected.get(i));
      double scale = Arrays.stream(expected.get(i)).map(Math::abs).max().orElseThrow();
      assertThat(worst(actual.get(i), expected.get(i)))
          .as("result %d", i)
          .isCloseTo(0, within(error * Math.max(1, scale)));
    }
  }

  private static double worst(double[] actual, double[] expected) {
    return IntStream.range(0, expected.length)
        .mapToDouble(i -> Math.abs(actual[i] - expected[i]))
        .max()
        .orElseThrow();
  }
}
