package org.adaptivesoftmax.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.FullSoftmax;
import org.adaptivesoftmax.LayerFixture;
import org.adaptivesoftmax.RunTrace;
import org.adaptivesoftmax.TestGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;

/** A biased decoder against the softmax of log p + b over all classes. */
class ClassBiasTest {
  private static final int ROWS = 4;
  private static final double BANNED = Double.NEGATIVE_INFINITY;

  @Property(tries = 40)
  void decodesTheSoftmaxOfLogProbabilitiesAndBias(
      @ForAll @IntRange(max = 10_000) int seed,
      @ForAll boolean byRow,
      @ForAll @IntRange(min = 1, max = 60) int named,
      @ForAll @IntRange(min = 1, max = 40) int k) {
    Random random = new Random(seed);
    try (LayerFixture fixture = new LayerFixture(builder -> builder, 1.5, new double[ROWS])) {
      int count = byRow ? ROWS * named : named;
      double[] classes = random.ints(count, 0, LayerFixture.CLASSES).asDoubleStream().toArray();
      double[] values =
          random.doubles(count, -9, 9).map(b -> b > 6 ? BANNED : b < -7 ? 0 : b).toArray();
      // The last class keeps a finite bias.
      for (int i = 0; i < count; i++) {
        values[i] = classes[i] == LayerFixture.CLASSES - 1 ? 1 : values[i];
      }
      ClassBias bias = bias(fixture, classes, values, byRow, named);
      Decoder<TFloat64> decoder = fixture.layer.decoder().withBias(bias);
      check(fixture, decoder, expected(fixture, classes, values, byRow, named), k);
    }
  }

  private static ClassBias bias(
      LayerFixture fixture, double[] classes, double[] values, boolean byRow, int named) {
    long[] shape = byRow ? new long[] {ROWS, named} : new long[] {named};
    return new ClassBias(
        fixture.graph.constant(TInt64.class, classes, shape),
        fixture.graph.constant(TFloat64.class, values, shape));
  }

  private static double[][] expected(
      LayerFixture fixture, double[] classes, double[] values, boolean byRow, int named) {
    double[][] expected = new double[ROWS][];
    for (int n = 0; n < ROWS; n++) {
      expected[n] = fixture.naive().logProb(fixture.row(n));
      for (int j = 0; j < named; j++) {
        int i = byRow ? n * named + j : j;
        expected[n][(int) classes[i]] += values[i];
      }
      double logSum = Math.log(Arrays.stream(expected[n]).map(Math::exp).sum());
      expected[n] = Arrays.stream(expected[n]).map(l -> l - logSum).toArray();
    }
    return expected;
  }

  private static void check(
      LayerFixture fixture, Decoder<TFloat64> decoder, double[][] expected, int k) {
    var tf = fixture.graph.tf;
    Operand<TInt64> candidates =
        tf.broadcastTo(
            tf.range(tf.constant(0L), tf.constant(40L), tf.constant(1L)),
            tf.constant(new int[] {ROWS, 40}));
    TopClasses top = decoder.topK(tf, fixture.input, k);
    List<double[]> values =
        fixture.graph.run(
            List.of(
                decoder.logProb(tf, fixture.input),
                decoder.logProb(tf, fixture.input, candidates),
                top.classes(),
                top.logProbs()));
    for (int n = 0; n < ROWS; n++) {
      double[] row = expected[n];
      int[] order =
          IntStream.range(0, 40)
              .boxed()
              .sorted(Comparator.comparingDouble(c -> -row[c]))
              .mapToInt(c -> c)
              .toArray();
      for (int c = 0; c < 40; c++) {
        assertClose(values.get(0)[n * 40 + c], row[c]);
        assertClose(values.get(1)[n * 40 + c], row[c]);
      }
      for (int i = 0; i < k; i++) {
        assertThat(values.get(2)[n * k + i]).isEqualTo(order[i]);
        assertClose(values.get(3)[n * k + i], row[order[i]]);
      }
    }
  }

  private static void assertClose(double value, double expected) {
    if (expected == BANNED) {
      assertThat(value).isEqualTo(BANNED);
    } else {
      assertThat(value).isCloseTo(expected, within(1e-9));
    }
  }

  @Test
  void drawsFromTheBiasedDistribution() {
    double[] classes = {0, 1, 2, 7, 20, 21, 39};
    double[] values = {BANNED, 1, -2, 3, 4, BANNED, 2};
    try (LayerFixture fixture = new LayerFixture(builder -> builder, 1, new double[ROWS])) {
      var tf = fixture.graph.tf;
      Decoder<TFloat64> decoder =
          fixture.layer.decoder().withBias(bias(fixture, classes, values, false, 7));
      double[] expected = expected(fixture, classes, values, false, 7)[0];
      Operand<TFloat64> rows =
          tf.broadcastTo(
              fixture.graph.constant(TFloat64.class, fixture.row(0), 8),
              tf.constant(new int[] {30_000, 8}));
      for (SampleOptions options :
          List.of(
              SampleOptions.defaults(),
              SampleOptions.defaults().temperature(0.6),
              SampleOptions.defaults().topP(0.8))) {
        double[] drawn = fixture.graph.run(decoder.sample(tf, rows, options, 5).classes());
        long[] counts = new long[40];
        Arrays.stream(drawn).forEach(c -> counts[(int) c]++);
        assertThat(ChiSquared.fits(counts, SamplerTest.expected(expected, options)))
            .as(options.toString())
            .isTrue();
      }
    }
  }

  /** Where a ban takes all but a millionth of the probability, nothing is lost to rounding in float32. */
  @Test
  void banningTheProbableClassKeepsTheRestPrecise() {
    try (TestGraph graph = new TestGraph()) {
      AdaptiveSoftmax<TFloat32> layer =
          AdaptiveSoftmax.builder(TFloat32.class)
              .inFeatures(1)
              .nClasses(6)
              .cutoffs(2, 4)
              .divValue(1)
              .build(graph.tf);
      graph.initialize();
      graph.assign(layer.parameters().get("head.weight"), new double[] {30, 0, 30, 1});
      graph.assign(layer.parameters().get("tail.0.0.weight"), new double[] {1});
      graph.assign(layer.parameters().get("tail.0.1.weight"), new double[] {30, 2});
      graph.assign(layer.parameters().get("tail.1.0.weight"), new double[] {1});
      graph.assign(layer.parameters().get("tail.1.1.weight"), new double[] {1, 1});
      Operand<TFloat32> x = graph.constant(TFloat32.class, new double[] {1}, 1, 1);
      ClassBias bans =
          new ClassBias(
              graph.tf.constant(new int[] {0, 2}),
              graph.tf.constant(new float[] {Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY}));
      double[] logProb = graph.run(layer.decoder().withBias(bans).logProb(graph.tf, x));
      // Left are exp(0); exp(30) · exp(2 − 30) = exp(2); and twice exp(1) / 2.
      double sum = 1 + Math.exp(2) + Math.exp(1);
      double[] expected = {
        BANNED,
        -Math.log(sum),
        BANNED,
        2 - Math.log(sum),
        1 - Math.log(2 * sum),
        1 - Math.log(2 * sum)
      };
      for (int c = 0; c < 6; c++) {
        if (expected[c] == BANNED) {
          assertThat(logProb[c]).isEqualTo(BANNED);
        } else {
          assertThat(logProb[c]).isCloseTo(expected[c], within(1e-5));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e30, 1e40, 1e300})
  void aBannedClassIsNotDrawnHoweverHighTheTemperature(double temperature) {
    try (LayerFixture fixture = new LayerFixture(s -> s, 1, 3, 20, 30)) {
      Ops tf = fixture.graph.tf;
      ClassBias banned =
          new ClassBias(
              tf.constant(new long[] {3, 20, 30}),
              tf.constant(
                  new double[] {
                    Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY
                  }));
      Decoder<TFloat64> decoder = fixture.layer.decoder().withBias(banned);
      Operand<TInt64> seed = tf.constant(5L);
      SampledClasses all =
          decoder.sample(
              tf, fixture.input, SampleOptions.defaults().temperature(temperature), seed);
      Operand<TFloat64> each = tf.fill(tf.array(3), tf.constant(temperature));
      SampledClasses byRow = decoder.sample(tf, fixture.input, each, seed);
      for (SampledClasses drawn : List.of(all, byRow)) {
        assertThat(fixture.graph.run(drawn.classes())).doesNotContain(3, 20, 30);
        assertThat(Arrays.stream(fixture.graph.run(drawn.logProbs()))).allMatch(Double::isFinite);
      }
    }
  }

  @Test
  void aFullSoftmaxIsBiasedAlike() {
    try (TestGraph graph = new TestGraph()) {
      FullSoftmax<TFloat32> layer =
          FullSoftmax.builder(TFloat32.class).inFeatures(4).nClasses(10).seed(1).build(graph.tf);
      graph.initialize();
      Operand<TFloat32> x = graph.constant(TFloat32.class, new double[] {3, -2, 1, 4}, 4);
      ClassBias bias =
          new ClassBias(
              graph.tf.constant(new long[] {4, 8}), graph.tf.constant(new float[] {2, -1}));
      List<double[]> values =
          graph.run(
              List.of(
                  layer.logProb(graph.tf, x), layer.decoder().withBias(bias).logProb(graph.tf, x)));
      double[] moved = values.get(0).clone();
      moved[4] += 2;
      moved[8] -= 1;
      double logSum = Math.log(Arrays.stream(moved).map(Math::exp).sum());
      for (int c = 0; c < 10; c++) {
        assertThat(values.get(1)[c]).isCloseTo(moved[c] - logSum, within(1e-5));
      }
    }
  }

  @Test
  void onlyRowsThatNameAClassOfAClusterAreScoredInIt() {
    try (TestGraph graph = new TestGraph(RunTrace.withoutRewriting())) {
      AdaptiveSoftmax<TFloat32> layer =
          AdaptiveSoftmax.builder(TFloat32.class)
              .inFeatures(8)
              .nClasses(100)
              .cutoffs(10, 40)
              .divValue(2)
              .build(graph.tf);
      graph.initialize();
      // No cluster entry comes near the shortlist's classes.
      double[] head = new double[12 * 8];
      Arrays.fill(head, 80, 96, -9);
      graph.assign(layer.parameters().get("head.weight"), head);
      double[] ones = new double[3 * 8];
      Arrays.fill(ones, 1);
      Operand<TFloat32> x = graph.constant(TFloat32.class, ones, 3, 8);
      ClassBias bias =
          new ClassBias(
              graph.tf.constant(new int[][] {{1, 2}, {3, 50}, {99, 60}}),
              graph.tf.constant(new float[][] {{1, 1}, {1, 1}, {0, 1}}));
      TopClasses top = layer.decoder().withBias(bias).topK(graph.tf, x, 5);
      RunTrace trace = RunTrace.of(graph, List.of(top.classes(), top.logProbs()));
      long inHead = 3 * 12 * 8;
      long rowInLastCluster = 8 * 2 + 2 * 60;
      assertThat(trace.multiplications()).isEqualTo(inHead + 2 * rowInLastCluster);
    }
  }

  @Test
  void badBiasIsRefused() {
    try (LayerFixture fixture = new LayerFixture(builder -> builder, 1, 0)) {
      var tf = fixture.graph.tf;
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new ClassBias(tf.constant(1), tf.constant(1f)))
          .withMessage("classes must be [m] or [N, m]: shape []");
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> new ClassBias(tf.constant(new int[] {1, 2}), tf.constant(new float[] {1})))
          .withMessage("values must have the classes' shape [2]: shape [1]");
      ClassBias unknown =
          new ClassBias(tf.constant(new int[] {1, 40}), tf.constant(new float[] {1, 1}));
      Operand<?> logProb = fixture.layer.decoder().withBias(unknown).logProb(tf, fixture.input);
      org.assertj.core.api.Assertions.assertThatThrownBy(() -> fixture.graph.run(logProb))
          .hasMessageContaining("classes must be a class in 0..39:")
          .hasMessageContaining("40");
    }
  }
}
