package org.adaptivesoftmax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.decoding.ClassBias;
import org.adaptivesoftmax.decoding.Decoder;
import org.adaptivesoftmax.decoding.SampleOptions;
import org.adaptivesoftmax.decoding.SampledClasses;
import org.adaptivesoftmax.loss.LossOptions;
import org.adaptivesoftmax.loss.SoftmaxLoss;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Operand;
import org.tensorflow.op.core.Stack;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/** A layer with rounded tail weights against the plain layer of the weights that Java rounds. */
class QuantizedSoftmaxTest {
  private static final int FEATURES = 8;
  private static final int ROWS = 6;

  /** The random weights of a layer, by name. */
  private static Map<String, double[]> weights(
      AdaptiveSoftmax<TFloat32> layer, Random random, double scale) {
    Map<String, double[]> values = new LinkedHashMap<>();
    layer
        .parameters()
        .forEach(
            (name, variable) -> {
              double[] drawn = new double[(int) variable.shape().size()];
              Arrays.setAll(drawn, i -> (float) (scale * random.nextGaussian()));
              if (name.endsWith(".1.weight")) {
                // Zero rows, and rows of very different sizes.
                int width = (int) variable.shape().get(1);
                for (int i = 0; i < drawn.length; i++) {
                  int row = i / width;
                  drawn[i] = row % 5 == 0 ? 0 : (float) (drawn[i] * Math.pow(10, row % 3 - 1));
                }
              }
              values.put(name, drawn);
            });
    return values;
  }

  private static double[] rounded(double[] weights, int width, TailWeights form) {
    float[] rows = new float[weights.length];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (float) weights[i];
    }
    float[] rounded = RoundedRows.of(rows, width, form);
    double[] result = new double[rows.length];
    Arrays.setAll(result, i -> rounded[i]);
    return result;
  }

  private static AdaptiveSoftmaxBuilder<TFloat32> builder(Random random) {
    int nClasses = 5 + random.nextInt(60);
    int[] cutoffs =
        random.ints(1, nClasses).limit(1 + random.nextInt(3)).distinct().sorted().toArray();
    AdaptiveSoftmaxBuilder<TFloat32> builder =
        AdaptiveSoftmax.builder(TFloat32.class)
            .inFeatures(FEATURES)
            .nClasses(nClasses)
            .cutoffs(cutoffs)
            .divValue(1 + random.nextDouble())
            .headBias(random.nextBoolean())
            .tailBias(random.nextBoolean());
    if (random.nextBoolean()) {
      List<Long> labels =
          new ArrayList<>(IntStream.range(0, nClasses).mapToObj(r -> 3L * r - 10).toList());
      Collections.shuffle(labels, random);
      builder.labelOrder(LabelOrder.ranked(labels.stream().mapToLong(l -> l).toArray()));
    }
    return builder;
  }

  /** Gives a plain layer values, and a quantized one of the same graph the same. */
  private static QuantizedSoftmax quantized(
      TestGraph graph,
      AdaptiveSoftmax<TFloat32> layer,
      Map<String, double[]> weights,
      TailWeights form) {
    layer.parameters().forEach((name, v) -> graph.assign(v, weights.get(name)));
    QuantizedSoftmax quantized = layer.quantized(graph.tf, form);
    quantized.assign(graph.tf, layer.parameters()).values().forEach(graph.session()::run);
    return quantized;
  }

  @Example
  void itMultipliesInTheTypeThatIsAskedFor() {
    Random random = new Random(3);
    try (TestGraph graph = new TestGraph()) {
      AdaptiveSoftmax<TFloat32> plain =
          AdaptiveSoftmax.builder(TFloat32.class)
              .inFeatures(FEATURES)
              .nClasses(30)
              .cutoffs(5, 12)
              .divValue(2)
              .headBias(true)
              .build(graph.tf);
      graph.initialize();
      QuantizedSoftmax quantized =
          quantized(graph, plain, weights(plain, random, 1), TailWeights.FLOAT32);
      double[] rows = random.doubles(ROWS * FEATURES, -1, 1).toArray();
      Operand<TFloat32> input = graph.constant(TFloat32.class, rows, ROWS, FEATURES);
      Operand<TInt64> targets =
          graph.constant(TInt64.class, random.ints(ROWS, 0, 30).asDoubleStream().toArray(), ROWS);
      LossOptions half = LossOptions.defaults().computeType(TBfloat16.class);
      double[] expected = graph.run(plain.call(graph.tf, input, targets, half).output());
      double[] actual = graph.run(quantized.call(graph.tf, input, targets, half).output());
      double[] full = graph.run(quantized.call(graph.tf, input, targets).output());
      assertThat(actual).containsExactly(expected, within(1e-5));
      assertThat(actual).isNotEqualTo(full);
    }
  }

  @Property(tries = 24)
  void everyAnswerIsThatOfTheRoundedWeights(
      @ForAll @IntRange(max = 10_000) int seed,
      @ForAll TailWeights form,
      @ForAll @IntRange(min = -1, max = 1) int exponent) {
    Random random = new Random(seed);
    try (TestGraph graph = new TestGraph()) {
      AdaptiveSoftmax<TFloat32> plain = builder(random).build(graph.tf);
      graph.initialize();
      Map<String, double[]> weights = weights(plain, random, Math.pow(10, exponent));
      QuantizedSoftmax quantized = quantized(graph, plain, weights, form);
      weights.forEach(
          (name, values) -> {
            if (name.endsWith(".1.weight")) {
              var variable = plain.parameters().get(name);
              int width = (int) variable.shape().get(1);
              graph.assign(variable, rounded(values, width, form));
            }
          });
      double[] rows = random.doubles(ROWS * FEATURES, -1, 1).toArray();
      Operand<TFloat32> input = graph.constant(TFloat32.class, rows, ROWS, FEATURES);
      int k = 1 + random.nextInt(plain.nClasses());
      long[] labels = new long[ROWS];
      Arrays.setAll(labels, i -> plain.labelOrder().label(random.nextInt(plain.nClasses())));
      List<double[]> expected = graph.run(answers(graph, plain, input, labels, k));
      List<double[]> actual = graph.run(answers(graph, quantized, input, labels, k));
      double logits = largest(expected.get(0));
      for (int answer = 0; answer < expected.size(); answer++) {
        assertNear(actual.get(answer), expected.get(answer), logits, "answer " + answer);
      }
      assertTopK(actual.get(0), actual.get(1), k);
      assertSampled(graph.run(sample(graph, quantized, input)), actual.get(0), plain.labelOrder());
    }
  }

  private static List<Operand<?>> answers(
      TestGraph graph, OutputLayer<TFloat32> layer, Operand<TFloat32> input, long[] labels, int k) {
    Operand<TInt64> targets = graph.tf.constant(labels);
    Operand<TInt64> candidates = graph.tf.stack(List.of(targets, targets), Stack.axis(1L));
    SoftmaxLoss loss = layer.call(graph.tf, input, targets);
    Decoder<TFloat32> biased =
        layer
            .decoder()
            .withBias(
                new ClassBias(
                    targets, graph.tf.fill(graph.tf.shape(targets), graph.tf.constant(2f))));
    return List.of(
        layer.logProb(graph.tf, input),
        layer.topK(graph.tf, input, k).logProbs(),
        layer.decoder().logProb(graph.tf, input, candidates),
        loss.output(),
        loss.loss(),
        biased.logProb(graph.tf, input));
  }

  private static List<Operand<?>> sample(
      TestGraph graph, OutputLayer<TFloat32> layer, Operand<TFloat32> input) {
    SampledClasses drawn =
        layer.sample(graph.tf, input, SampleOptions.defaults(), graph.tf.constant(5L));
    return List.of(drawn.classes(), drawn.logProbs());
  }

  private static void assertTopK(double[] logProb, double[] top, int k) {
    int n = logProb.length / ROWS;
    for (int row = 0; row < ROWS; row++) {
      double[] best =
          Arrays.stream(logProb, row * n, row * n + n)
              .boxed()
              .sorted(Comparator.reverseOrder())
              .mapToDouble(l -> l)
              .limit(k)
              .toArray();
      assertNear(Arrays.copyOfRange(top, row * k, row * k + k), best, largest(logProb), "top k");
    }
  }

  private static void assertSampled(List<double[]> drawn, double[] logProb, LabelOrder order) {
    int n = order.size();
    long[] sorted = IntStream.range(0, n).mapToLong(order::label).sorted().toArray();
    for (int row = 0; row < ROWS; row++) {
      int column = Arrays.binarySearch(sorted, (long) drawn.get(0)[row]);
      assertNear(
          new double[] {drawn.get(1)[row]},
          new double[] {logProb[row * n + column]},
          largest(logProb),
          "sample");
    }
  }

  private static double largest(double[] values) {
    return Arrays.stream(values).map(Math::abs).max().orElseThrow();
  }

  /**
   * @param logits the largest: a log-probability is a difference of such numbers, which float32 rounds to 6e-8 of their size
   */
  private static void assertNear(double[] actual, double[] expected, double logits, String what) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      double error = 1e-5 * Math.max(1, Math.abs(expected[i])) + 5e-7 * logits;
      assertThat(actual[i]).as(what).isCloseTo(expected[i], within(error));
    }
  }

  private static AdaptiveSoftmax<TFloat32> layer(TestGraph graph) {
    AdaptiveSoftmax<TFloat32> layer =
        AdaptiveSoftmax.builder(TFloat32.class)
            .inFeatures(FEATURES)
            .nClasses(1_000)
            .cutoffs(10, 100)
            .divValue(2)
            .build(graph.tf);
    graph.initialize();
    return layer;
  }

  /** With TensorFlow's own rewriting of the graph, which might compute what depends on no input beforehand. */
  @ParameterizedTest
  @EnumSource(names = {"BFLOAT16", "INT8"})
  void aClusterThatNoRowNeedsIsNotRead(TailWeights form) {
    try (TestGraph graph = new TestGraph(ConfigProto.getDefaultInstance())) {
      AdaptiveSoftmax<TFloat32> layer = layer(graph);
      Map<String, double[]> weights = weights(layer, new Random(1), 1);
      double[] head = new double[12 * FEATURES];
      head[0] = 9;
      head[10 * FEATURES] = -9;
      head[11 * FEATURES] = -9;
      weights.put("head.weight", head);
      QuantizedSoftmax quantized = quantized(graph, layer, weights, form);
      double[] row = new double[FEATURES];
      row[0] = 1;
      Operand<TFloat32> shortlist = graph.constant(TFloat32.class, row, 1, FEATURES);
      double[] back = {-1, 0, 0, 0, 0, 0, 0, 0};
      Operand<TFloat32> tails = graph.constant(TFloat32.class, back, 1, FEATURES);
      for (int run = 0; run < 2; run++) {
        // The scales are 900.
        assertThat(floats(graph, quantized.predict(graph.tf, shortlist))).isLessThanOrEqualTo(900);
        assertThat(floats(graph, quantized.predict(graph.tf, tails))).isEqualTo(900 * 2);
      }
    }
  }

  private static long floats(TestGraph graph, Operand<?> answer) {
    return RunTrace.of(graph, List.of(answer)).largestFloats();
  }

  @Test
  void keepsWhatIsFloatInEveryForm() {
    try (TestGraph graph = new TestGraph()) {
      QuantizedSoftmax quantized = layer(graph).quantized(graph.tf, TailWeights.INT8);
      assertThat(quantized.parameters().keySet())
          .containsExactly("head.weight", "tail.0.0.weight", "tail.1.0.weight");
      assertThat(quantized.tailWeights()).isEqualTo(TailWeights.INT8);
      assertThat(quantized.plan().cutoffs()).containsExactly(10, 100);
    }
  }

  @ParameterizedTest
  @EnumSource
  void refusesWeightsThatAreNotFinite(TailWeights form) {
    try (TestGraph graph = new TestGraph()) {
      AdaptiveSoftmax<TFloat32> layer = layer(graph);
      Map<String, double[]> weights = weights(layer, new Random(1), 1);
      weights.get("tail.1.1.weight")[7] = Double.NaN;
      assertThatThrownBy(() -> quantized(graph, layer, weights, form))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("weight must be finite: tail.1.1.weight");
    }
  }

  @Test
  void refusesOtherWeightsAndTraining() {
    try (TestGraph graph = new TestGraph()) {
      AdaptiveSoftmax<TFloat32> layer = layer(graph);
      QuantizedSoftmax quantized = layer.quantized(graph.tf, TailWeights.INT8);
      Map<String, Operand<TFloat32>> weights = new LinkedHashMap<>(layer.parameters());
      weights.remove("tail.0.1.weight");
      assertThatThrownBy(() -> quantized.assign(graph.tf, weights))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("weights must be [head.weight, tail.0.0.weight, tail.0.1.weight");
      Operand<TFloat32> input = graph.constant(TFloat32.class, new double[FEATURES], 1, FEATURES);
      assertThatThrownBy(
              () ->
                  quantized.call(
                      graph.tf,
                      input,
                      graph.tf.constant(new long[] {3}),
                      LossOptions.defaults().training(true)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("a quantized softmax cannot be trained");
    }
  }
}
