package org.adaptivesoftmax.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.FullSoftmax;
import org.adaptivesoftmax.LayerFixture;
import org.adaptivesoftmax.TestGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/** Draws against the distribution they are drawn from. */
class SamplerTest {
  private static final int DRAWS = 40_000;
  private static final long SEED = 3;

  /** Temperature, topK, topP; 0 leaves a truncation out. */
  @ParameterizedTest
  @CsvSource({
    "1, 0, 0",
    "0.5, 0, 0",
    "0.05, 0, 0",
    "2.5, 0, 0",
    "1000, 0, 0",
    "1, 5, 0",
    "0.7, 20, 0",
    "1, 40, 0",
    "1, 1, 0",
    "1, 0, 0.5",
    "1, 0, 0.9",
    "1, 0, 0.999",
    "0.7, 0, 0.8",
    "3, 0, 0.8",
    "1, 0, 1",
    "1, 10, 0.7",
    "2, 10, 0.9",
    "1, 0, 0.01"
  })
  void drawsFromTheDistributionThatTheOptionsDescribe(double temperature, int topK, double topP) {
    SampleOptions options = options(temperature, topK, topP);
    for (double scale : new double[] {0.3, 2}) {
      try (LayerFixture fixture = new LayerFixture(builder -> builder.headBias(true), scale, 0)) {
        double[] logProb = fixture.naive().logProb(fixture.row(0));
        assertThat(ChiSquared.fits(counts(fixture, options), expected(logProb, options)))
            .as("%s, scale %s", options, scale)
            .isTrue();
      }
    }
  }

  /** Rows of several temperatures in turn, in one batch. */
  @Test
  void eachRowHasItsOwnTemperature() {
    double[] temperatures = {1, 0.5, 2.5, 1e-3, 1000};
    try (LayerFixture fixture = new LayerFixture(builder -> builder.headBias(true), 2, 0)) {
      double[] drawn = drawn(fixture, temperatures, temperatures.length * DRAWS);
      double[] logProb = fixture.naive().logProb(fixture.row(0));
      for (int t = 0; t < temperatures.length; t++) {
        int first = t;
        double[] own =
            IntStream.range(0, DRAWS)
                .mapToDouble(i -> drawn[i * temperatures.length + first])
                .toArray();
        SampleOptions options = SampleOptions.defaults().temperature(temperatures[t]);
        assertThat(ChiSquared.fits(tally(own, LayerFixture.CLASSES), expected(logProb, options)))
            .as("temperature %s", temperatures[t])
            .isTrue();
      }
    }
  }

  /** Those of the options' temperature, by the same seed. */
  @ParameterizedTest
  @CsvSource({"1", "0.5", "3"})
  void aRowsOwnTemperatureDrawsAsOneForAll(double temperature) {
    try (LayerFixture fixture = new LayerFixture(builder -> builder, 0.3, 0)) {
      var tf = fixture.graph.tf;
      Operand<TFloat64> rows =
          tf.broadcastTo(fixture.input, tf.constant(new int[] {1000, LayerFixture.FEATURES}));
      SampleOptions options = SampleOptions.defaults().temperature(temperature);
      assertThat(drawn(fixture, new double[] {temperature}, 1000))
          .containsExactly(
              fixture.graph.run(fixture.layer.decoder().sample(tf, rows, options, SEED).classes()));
    }
  }

  @Test
  void extremeTemperaturesDrawTheBestClass() {
    try (LayerFixture fixture = new LayerFixture(builder -> builder, 2, 0)) {
      double[] logProb = fixture.naive().logProb(fixture.row(0));
      int best =
          IntStream.range(0, logProb.length)
              .boxed()
              .max(Comparator.comparingDouble(c -> logProb[c]))
              .orElseThrow();
      assertThat(drawn(fixture, new double[] {1e-30, 1e-300, Double.MIN_NORMAL}, 30))
          .containsOnly(best);
      assertThat(counts(fixture, SampleOptions.defaults().temperature(1e-300))[best])
          .isEqualTo(DRAWS);
    }
  }

  private static double[] drawn(LayerFixture fixture, double[] temperatures, int rows) {
    var tf = fixture.graph.tf;
    double[] all =
        IntStream.range(0, rows).mapToDouble(i -> temperatures[i % temperatures.length]).toArray();
    Operand<TFloat64> input =
        tf.broadcastTo(fixture.input, tf.constant(new int[] {rows, LayerFixture.FEATURES}));
    return fixture.graph.run(
        fixture
            .layer
            .decoder()
            .sample(tf, input, fixture.graph.constant(TFloat64.class, all, rows), tf.constant(SEED))
            .classes());
  }

  @ParameterizedTest
  @CsvSource({"0", "-1.5", "Infinity", "NaN"})
  void aRowsBadTemperatureFailsTheRun(double temperature) {
    try (LayerFixture fixture = new LayerFixture(builder -> builder, 1, 0)) {
      assertThatThrownBy(() -> drawn(fixture, new double[] {1, temperature, 2}, 3))
          .hasMessageContaining("temperature must be above 0 and finite:");
    }
  }

  @Test
  void everyRowNeedsASeedAndATemperature() {
    try (LayerFixture fixture = new LayerFixture(builder -> builder, 1, 0, 0)) {
      var tf = fixture.graph.tf;
      Decoder<TFloat64> decoder = fixture.layer.decoder();
      Operand<TInt32> threeSeeds = // Of a length that only the run tells.
          tf.placeholderWithDefault(tf.array(1, 2, 3), Shape.of(Shape.UNKNOWN_SIZE));
      assertThatThrownBy(
              () ->
                  fixture.graph.run(
                      decoder.sample(tf, fixture.input, tf.array(1f), tf.constant(1)).classes()))
          .hasMessageContaining("temperature must have one value for each row; rows, values:")
          .hasMessageContaining("[2] [1]");
      assertThatThrownBy(
              () ->
                  fixture.graph.run(
                      decoder.sample(tf, fixture.input, tf.array(1f, 2f), threeSeeds).classes()))
          .hasMessageContaining("seed must have one value for each row; rows, values:")
          .hasMessageContaining("[2] [3]");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> decoder.sample(tf, fixture.input, tf.constant(1f), tf.constant(1)))
          .withMessage("temperature must have rank 1: shape []");
    }
  }

  @Test
  void theTestSeesAWrongDistribution() {
    try (LayerFixture fixture = new LayerFixture(builder -> builder, 0.3, 0)) {
      double[] logProb = fixture.naive().logProb(fixture.row(0));
      SampleOptions slightlyOff = SampleOptions.defaults().temperature(1.05);
      long[] counts = counts(fixture, SampleOptions.defaults());
      assertThat(ChiSquared.fits(counts, expected(logProb, slightlyOff))).isFalse();
    }
  }

  @Test
  void aNucleusBeyondTheUsualSizeIsExact() {
    int classes = 3 * Nucleus.USUAL_SIZE;
    try (TestGraph graph = new TestGraph()) {
      AdaptiveSoftmax<TFloat64> layer =
          AdaptiveSoftmax.builder(TFloat64.class)
              .inFeatures(8)
              .nClasses(classes)
              .cutoffs(100, 1500)
              .divValue(2)
              .build(graph.tf);
      graph.initialize();
      Operand<TFloat64> row =
          graph.constant(TFloat64.class, new double[] {.1, .2, .3, .4, .5, .6, .7, .8}, 8);
      Operand<TFloat64> rows = graph.tf.broadcastTo(row, graph.tf.constant(new int[] {4000, 8}));
      SampleOptions options = SampleOptions.defaults().topP(0.995);
      List<double[]> values =
          graph.run(
              List.of(
                  layer.sample(graph.tf, rows, options, graph.tf.constant(SEED)).classes(),
                  layer.logProb(graph.tf, row)));
      double[] expected = expected(values.get(1), options);
      assertThat(DoubleStream.of(expected).filter(p -> p > 0).count())
          .isGreaterThan(Nucleus.USUAL_SIZE);
      assertThat(ChiSquared.fits(tally(values.get(0), classes), expected)).isTrue();
    }
  }

  @Test
  void aFullSoftmaxDrawsFromItsDistribution() {
    try (TestGraph graph = new TestGraph()) {
      FullSoftmax<TFloat32> layer =
          FullSoftmax.builder(TFloat32.class).inFeatures(4).nClasses(30).seed(1).build(graph.tf);
      graph.initialize();
      Operand<TFloat32> row = graph.constant(TFloat32.class, new double[] {3, -2, 1, 4}, 4);
      Operand<TFloat32> rows = graph.tf.broadcastTo(row, graph.tf.constant(new int[] {DRAWS, 4}));
      for (SampleOptions options :
          List.of(options(1, 0, 0), options(0.5, 0, 0), options(2, 0, 0.7))) {
        List<double[]> values =
            graph.run(
                List.of(
                    layer.sample(graph.tf, rows, options, graph.tf.constant(SEED)).classes(),
                    layer.logProb(graph.tf, row)));
        assertThat(ChiSquared.fits(tally(values.get(0), 30), expected(values.get(1), options)))
            .isTrue();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 0, 0", "0.5, 0, 0", "1, 5, 0", "1, 0, 0.9"})
  void logProbabilitiesAreTheModels(double temperature, int topK, double topP) {
    try (LayerFixture fixture = new LayerFixture(builder -> builder, 1, new double[50])) {
      SampledClasses drawn =
          fixture
              .layer
              .decoder()
              .sample(fixture.graph.tf, fixture.input, options(temperature, topK, topP), SEED);
      List<double[]> values = fixture.graph.run(List.of(drawn.classes(), drawn.logProbs()));
      for (int n = 0; n < 50; n++) {
        double[] logProb = fixture.naive().logProb(fixture.row(n));
        assertThat(values.get(1)[n]).isCloseTo(logProb[(int) values.get(0)[n]], within(1e-9));
      }
    }
  }

  @Test
  void aRowsDrawDependsOnItsSeedAlone() {
    try (LayerFixture fixture = new LayerFixture(builder -> builder, 0.3, new double[64])) {
      var tf = fixture.graph.tf;
      double[] seeds = IntStream.range(0, 64).mapToDouble(i -> i * 1e9 - 5).toArray();
      double[] backwards = IntStream.range(0, 64).mapToDouble(i -> seeds[63 - i]).toArray();
      Operand<TFloat64> reversed = tf.reverse(fixture.input, tf.constant(new int[] {0}));
      SampleOptions options = SampleOptions.defaults().temperature(2);
      List<double[]> values =
          fixture.graph.run(
              List.of(
                  draw(fixture, fixture.input, options, seeds),
                  draw(fixture, reversed, options, backwards),
                  fixture.layer.decoder().sample(tf, fixture.input, options, 1).classes(),
                  fixture.layer.decoder().sample(tf, fixture.input, options, 1).classes(),
                  fixture.layer.decoder().sample(tf, fixture.input, options, 2).classes()));
      for (int n = 0; n < 64; n++) {
        assertThat(values.get(1)[63 - n]).isEqualTo(values.get(0)[n]);
      }
      assertThat(values.get(3)).isEqualTo(values.get(2));
      assertThat(values.get(4)).isNotEqualTo(values.get(2));
    }
  }

  /** The second row of one seed must not be the first row of the next. */
  @Test
  void neighbouringSeedsHaveNothingInCommon() {
    try (TestGraph graph = new TestGraph()) {
      Operand<TInt64> rows = graph.tf.constant(1000L);
      double[] first =
          graph.run(RowRandom.of(graph.tf, graph.tf.constant(0L), rows).uniform(graph.tf, 0));
      double[] second =
          graph.run(RowRandom.of(graph.tf, graph.tf.constant(1L), rows).uniform(graph.tf, 0));
      double[] later =
          graph.run(RowRandom.of(graph.tf, graph.tf.constant(0L), rows).uniform(graph.tf, 1));
      double[] all =
          Stream.of(first, second, later).flatMapToDouble(DoubleStream::of).distinct().toArray();
      assertThat(all).hasSize(3000);
      assertThat(DoubleStream.of(all).average().orElseThrow()).isCloseTo(0.5, within(0.02));
      assertThat(DoubleStream.of(all).allMatch(u -> u >= 0 && u < 1)).isTrue();
    }
  }

  /** The reference implementation's first numbers for the state 1234567, as other libraries test theirs. */
  @Test
  void numbersAreThoseOfSplitMix64() {
    try (TestGraph graph = new TestGraph()) {
      RowRandom random = new RowRandom(graph.tf.constant(new long[] {1234567}));
      long[] expected = {6457827717110365317L, 3203168211198807973L};
      for (int draw = 0; draw < expected.length; draw++) {
        assertThat(graph.run(random.uniform(graph.tf, draw)))
            .containsExactly((expected[draw] >>> 12) * 0x1p-52);
      }
    }
  }

  @Test
  void anUnbatchedInputAndAnEmptyBatch() {
    try (LayerFixture fixture = new LayerFixture(builder -> builder, 1, 0)) {
      var tf = fixture.graph.tf;
      for (SampleOptions options :
          List.of(options(1, 0, 0), options(0.5, 0, 0), options(1, 3, 0), options(1, 0, 0.5))) {
        Operand<TFloat64> single = fixture.graph.constant(TFloat64.class, fixture.row(0), 8);
        Operand<TFloat64> none = fixture.graph.constant(TFloat64.class, new double[0], 0, 8);
        SampledClasses one = fixture.layer.decoder().sample(tf, single, options, SEED);
        SampledClasses zero = fixture.layer.decoder().sample(tf, none, options, SEED);
        assertThat(fixture.graph.run(one.classes())).hasSize(1);
        assertThat(one.classes().shape().numDimensions()).isZero();
        assertThat(fixture.graph.run(zero.classes())).isEmpty();
        assertThat(fixture.graph.run(zero.logProbs())).isEmpty();
      }
    }
  }

  @Test
  void badOptionsAreRefused() {
    SampleOptions defaults = SampleOptions.defaults();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> defaults.temperature(0))
        .withMessage("temperature must be above 0 and finite: 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> defaults.topK(0))
        .withMessage("topK must be at least 1: 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> defaults.topP(1.5))
        .withMessage("topP must be in (0, 1]: 1.5");
    try (LayerFixture fixture = new LayerFixture(builder -> builder, 1, 0)) {
      var tf = fixture.graph.tf;
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> fixture.layer.decoder().sample(tf, fixture.input, defaults.topK(41), SEED))
          .withMessage("topK must be in 1..40 (nClasses): 41");
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  fixture.layer.sample(
                      tf, fixture.input, defaults, tf.constant(new long[][] {{1}})))
          .withMessage("seed must be a scalar or [N]: shape [1, 1]");
    }
  }

  private static Operand<TInt64> draw(
      LayerFixture fixture, Operand<TFloat64> input, SampleOptions options, double[] seeds) {
    Operand<TInt64> seed = fixture.graph.constant(TInt64.class, seeds, seeds.length);
    return fixture.layer.sample(fixture.graph.tf, input, options, seed).classes();
  }

  private static SampleOptions options(double temperature, int topK, double topP) {
    SampleOptions options = SampleOptions.defaults().temperature(temperature);
    options = topK > 0 ? options.topK(topK) : options;
    return topP > 0 ? options.topP(topP) : options;
  }

  private static long[] counts(LayerFixture fixture, SampleOptions options) {
    var tf = fixture.graph.tf;
    Operand<TFloat64> rows =
        tf.broadcastTo(fixture.input, tf.constant(new int[] {DRAWS, LayerFixture.FEATURES}));
    double[] drawn =
        fixture.graph.run(fixture.layer.decoder().sample(tf, rows, options, SEED).classes());
    return tally(drawn, LayerFixture.CLASSES);
  }

  private static long[] tally(double[] drawn, int classes) {
    long[] counts = new long[classes];
    for (double drew : drawn) {
      counts[(int) drew]++;
    }
    return counts;
  }

  /** The options' definition, step by step over all classes. */
  static double[] expected(double[] logProb, SampleOptions options) {
    double[] p = Arrays.stream(logProb).map(l -> Math.exp(l / options.temperature())).toArray();
    normalize(p);
    int[] order =
        IntStream.range(0, p.length)
            .boxed()
            .sorted(Comparator.comparingDouble(c -> -p[c]))
            .mapToInt(c -> c)
            .toArray();
    for (int i = options.topK().orElse(p.length); i < p.length; i++) {
      p[order[i]] = 0;
    }
    normalize(p);
    double before = 0;
    for (int c : order) {
      double own = p[c];
      p[c] = before < options.topP().orElse(2) ? own : 0;
      before += own;
    }
    normalize(p);
    return p;
  }

  private static void normalize(double[] p) {
    double sum = Arrays.stream(p).sum();
    for (int c = 0; c < p.length; c++) {
      p[c] /= sum;
    }
  }
}
