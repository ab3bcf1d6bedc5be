package org.adaptivesoftmax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.loss.LossOptions;
import org.adaptivesoftmax.loss.Reduction;
import org.adaptivesoftmax.loss.SoftmaxLoss;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/** What the layer answers, held against its equations written out in Java. */
class AdaptiveSoftmaxTest {
  private static final double[] TARGET = {0, 39, 5, 6, 14, 15, 3, 22};
  private static final double[] WEIGHTS = {1, 0.5, 2, 0, 3, 1, 0.25, 1};

  @Test
  void outputAndMeanLoss() {
    try (LayerFixture fixture = new LayerFixture(s -> s.headBias(true).tailBias(true), 1, TARGET)) {
      SoftmaxLoss loss = fixture.layer.call(fixture.graph.tf, fixture.input, fixture.targets);
      List<double[]> values = fixture.graph.run(List.of(loss.output(), loss.loss()));
      double[] expected = rowLosses(fixture, 0);
      assertNear(values.get(0), Arrays.stream(expected).map(l -> -l).toArray());
      assertNear(values.get(1), Arrays.stream(expected).average().orElseThrow());
    }
  }

  @Test
  void logProbOfEveryClassSumsToOne() {
    try (LayerFixture fixture = new LayerFixture(s -> s, 2, TARGET)) {
      double[] actual = fixture.graph.run(fixture.layer.logProb(fixture.graph.tf, fixture.input));
      for (int n = 0; n < TARGET.length; n++) {
        double[] row = Arrays.copyOfRange(actual, n * 40, (n + 1) * 40);
        assertNear(row, fixture.naive().logProb(fixture.row(n)));
        assertNear(Arrays.stream(row).map(Math::exp).sum(), 1);
      }
    }
  }

  @Test
  void labelSmoothingAtEachLevel() {
    try (LayerFixture fixture = new LayerFixture(s -> s.labelSmoothing(0.1), 1, TARGET)) {
      SoftmaxLoss loss = fixture.layer.call(fixture.graph.tf, fixture.input, fixture.targets);
      List<double[]> values = fixture.graph.run(List.of(loss.output(), loss.loss()));
      assertNear(values.get(0), Arrays.stream(rowLosses(fixture, 0)).map(l -> -l).toArray());
      assertNear(values.get(1), Arrays.stream(rowLosses(fixture, 0.1)).average().orElseThrow());
    }
  }

  @Test
  void weightsAndReductions() {
    double[] classWeights = IntStream.range(0, 40).mapToDouble(c -> 1 + c % 3).toArray();
    double[] weights = new double[TARGET.length];
    Arrays.setAll(weights, n -> WEIGHTS[n] * classWeights[(int) TARGET[n]]);
    for (Reduction reduction : Reduction.values()) {
      try (LayerFixture fixture =
          new LayerFixture(s -> s.classWeights(classWeights).reduction(reduction), 1, TARGET)) {
        double[] rows = rowLosses(fixture, 0);
        Arrays.setAll(rows, n -> rows[n] * weights[n]);
        double sum = Arrays.stream(rows).sum();
        LossOptions options =
            LossOptions.defaults()
                .sampleWeights(fixture.graph.constant(TFloat64.class, WEIGHTS, WEIGHTS.length));
        double[] actual =
            fixture.graph.run(
                fixture
                    .layer
                    .call(fixture.graph.tf, fixture.input, fixture.targets, options)
                    .loss());
        switch (reduction) {
          case NONE -> assertNear(actual, rows);
          case SUM -> assertNear(actual, sum);
          case MEAN -> assertNear(actual, sum / Arrays.stream(weights).sum());
        }
      }
    }
  }

  @Test
  void rowsWithoutALabelCountNowhere() {
    double[] target = {-100, 39, 5, -100, 20};
    for (Reduction reduction : Reduction.values()) {
      try (LayerFixture fixture =
          new LayerFixture(s -> s.ignoreIndex(-100).reduction(reduction), 1, target)) {
        SoftmaxLoss loss = fixture.layer.call(fixture.graph.tf, fixture.input, fixture.targets);
        List<double[]> values = fixture.graph.run(List.of(loss.output(), loss.loss()));
        double[] rows = rowLosses(fixture, 0);
        assertNear(values.get(0), Arrays.stream(rows).map(l -> -l).toArray());
        double sum = Arrays.stream(rows).sum();
        assertNear(
            values.get(1),
            switch (reduction) {
              case NONE -> rows;
              case SUM -> new double[] {sum};
              case MEAN -> new double[] {sum / 3};
            });
      }
    }
  }

  @Test
  void anEmptyBatchHasLossZeroAndZeroGradients() {
    try (LayerFixture fixture = new LayerFixture(s -> s.headBias(true), 1)) {
      SoftmaxLoss loss = fixture.layer.call(fixture.graph.tf, fixture.input, fixture.targets);
      assertThat(fixture.graph.run(loss.loss())).containsExactly(0);
      assertThat(fixture.graph.run(loss.output())).isEmpty();
      assertThat(fixture.graph.run(fixture.layer.predict(fixture.graph.tf, fixture.input)))
          .isEmpty();
      assertThat(fixture.graph.run(fixture.layer.logProb(fixture.graph.tf, fixture.input)))
          .isEmpty();
      fixture
          .gradients(loss.loss())
          .forEach((name, gradient) -> assertThat(gradient).as(name).containsOnly(zeros(gradient)));
    }
  }

  private static double[] zeros(double[] like) {
    return like.length == 0 ? new double[0] : new double[] {0};
  }

  @Test
  void aNanInTheInputGivesANanLoss() {
    try (LayerFixture fixture = new LayerFixture(s -> s, 1, TARGET)) {
      double[] values = fixture.values().get("input").clone();
      values[3] = Double.NaN;
      fixture.graph.assign(fixture.input, values);
      SoftmaxLoss loss = fixture.layer.call(fixture.graph.tf, fixture.input, fixture.targets);
      assertThat(fixture.graph.run(loss.loss())[0]).isNaN();
      double[] output = fixture.graph.run(loss.output());
      assertThat(output[0]).isNaN();
      assertThat(output[1]).isFinite();
    }
  }

  @Test
  void anInputWithoutABatch() {
    try (LayerFixture fixture = new LayerFixture(s -> s, 1, TARGET)) {
      Ops tf = fixture.graph.tf;
      Operand<TFloat64> row = fixture.graph.constant(TFloat64.class, fixture.row(1), 8);
      Operand<TInt32> target = tf.constant(39);
      SoftmaxLoss loss = fixture.layer.call(tf, row, target);
      assertThat(loss.output().shape()).isEqualTo(Shape.scalar());
      assertThat(loss.loss().shape()).isEqualTo(Shape.scalar());
      assertNear(fixture.graph.run(loss.loss()), rowLosses(fixture, 0)[1]);
      Operand<?> logProb = fixture.layer.logProb(tf, row);
      assertThat(logProb.shape()).isEqualTo(Shape.of(40));
      assertNear(fixture.graph.run(logProb), fixture.naive().logProb(fixture.row(1)));
      assertThat(fixture.layer.predict(tf, row).shape()).isEqualTo(Shape.scalar());
      assertThat(fixture.layer.topK(tf, row, 3).classes().shape()).isEqualTo(Shape.of(3));
    }
  }

  @Test
  void labelsOfAnyKindComeAndGoAsTheyAre() {
    long[] labels =
        IntStream.range(0, 40).mapToLong(r -> 1_000_000_007L * ((r * 17) % 40) - 5).toArray();
    double[] target = Arrays.stream(TARGET).map(r -> labels[(int) r]).toArray();
    long[] sorted = Arrays.stream(labels).sorted().toArray();
    try (LayerFixture ranked = new LayerFixture(s -> s, 1, TARGET);
        LayerFixture labelled =
            new LayerFixture(s -> s.labelOrder(LabelOrder.ranked(labels)), 1, target)) {
      double[] expected =
          ranked.graph.run(
              ranked.layer.call(ranked.graph.tf, ranked.input, ranked.targets).output());
      Ops tf = labelled.graph.tf;
      assertNear(
          labelled.graph.run(labelled.layer.call(tf, labelled.input, labelled.targets).output()),
          expected);
      double[] byRank = ranked.graph.run(ranked.layer.logProb(ranked.graph.tf, ranked.input));
      double[] byLabel = labelled.graph.run(labelled.layer.logProb(tf, labelled.input));
      double[] predicted = labelled.graph.run(labelled.layer.predict(tf, labelled.input));
      for (int n = 0; n < TARGET.length; n++) {
        int best = 0;
        for (int rank = 0; rank < 40; rank++) {
          int column = Arrays.binarySearch(sorted, labels[rank]);
          assertThat(byLabel[n * 40 + column]).isEqualTo(byRank[n * 40 + rank]);
          best = byRank[n * 40 + rank] > byRank[n * 40 + best] ? rank : best;
        }
        assertThat(predicted[n]).isEqualTo((double) labels[best]);
      }
    }
  }

  @Test
  void theSameSeedGivesTheSameWeightsAndThoseOfPyTorchsRange() {
    double[][] drawn = new double[3][];
    for (int i = 0; i < 3; i++) {
      try (TestGraph graph = new TestGraph()) {
        AdaptiveSoftmax<TFloat32> layer =
            AdaptiveSoftmax.builder(TFloat32.class)
                .inFeatures(16)
                .nClasses(5000)
                .cutoffs(1000)
                .seed(i / 2)
                .build(graph.tf);
        graph.initialize();
        drawn[i] = graph.run(layer.parameters().get("head.weight"));
        double[] narrow = graph.run(layer.parameters().get("tail.0.1.weight"));
        assertThat(Arrays.stream(narrow).map(Math::abs).max().orElseThrow()).isBetween(0.49, 0.5);
      }
    }
    assertThat(drawn[0]).isEqualTo(drawn[1]).isNotEqualTo(drawn[2]);
    assertThat(Arrays.stream(drawn[0]).map(Math::abs).max().orElseThrow()).isBetween(0.249, 0.25);
    assertThat(Arrays.stream(drawn[0]).average().orElseThrow()).isCloseTo(0, within(0.01));
  }

  @Test
  void dropoutIsActiveInTrainingOnly() {
    try (LayerFixture fixture = new LayerFixture(s -> s.tailDropout(0.5), 1, TARGET)) {
      Ops tf = fixture.graph.tf;
      double[] plain =
          fixture.graph.run(fixture.layer.call(tf, fixture.input, fixture.targets).output());
      assertNear(plain, Arrays.stream(rowLosses(fixture, 0)).map(l -> -l).toArray());
      Operand<?> dropped =
          fixture
              .layer
              .call(tf, fixture.input, fixture.targets, LossOptions.defaults().training(true))
              .output();
      double[] first = fixture.graph.run(dropped);
      assertThat(first[0]).as("a row of the shortlist").isCloseTo(plain[0], within(1e-12));
      assertThat(first[1]).as("a row of a tail cluster").isNotEqualTo(plain[1]);
      assertThat(fixture.graph.run(dropped)[1]).isNotEqualTo(first[1]);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void sampleWeightsAreOneForEachRow(int size) {
    try (LayerFixture fixture = new LayerFixture(s -> s.ignoreIndex(-1), 1, 3, -1, 30)) {
      Ops tf = fixture.graph.tf;
      Operand<TFloat64> weights = tf.ones(tf.array(size), TFloat64.class);
      assertThatThrownBy(
              () ->
                  fixture.layer.call(
                      tf,
                      fixture.input,
                      fixture.targets,
                      LossOptions.defaults().sampleWeights(weights)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("sampleWeights must have one value for each of the 3 rows: " + size);
      Operand<TFloat64> unknown = tf.placeholderWithDefault(weights, Shape.of(Shape.UNKNOWN_SIZE));
      SoftmaxLoss loss =
          fixture.layer.call(
              tf, fixture.input, fixture.targets, LossOptions.defaults().sampleWeights(unknown));
      assertThatThrownBy(() -> fixture.graph.run(loss.loss()))
          .hasMessageContaining("sampleWeights must have one value for each row; rows, values:")
          .hasMessageContaining("[3]")
          .hasMessageContaining("[" + size + "]");
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1, 40, 1e12, -100})
  void aTargetThatIsNoClassFailsTheRunWithValueAndRange(double target) {
    try (LayerFixture fixture = new LayerFixture(s -> s, 1, 3, target, 5)) {
      SoftmaxLoss loss = fixture.layer.call(fixture.graph.tf, fixture.input, fixture.targets);
      assertThatThrownBy(() -> fixture.graph.run(loss.loss()))
          .hasMessageContaining("target must be a class in 0..39")
          .hasMessageContaining(Long.toString((long) target));
      assertThatThrownBy(() -> fixture.gradients(loss.loss()))
          .hasMessageContaining("target must be a class in 0..39");
    }
  }

  @Test
  void aTargetThatIsNoLabelFailsTheRun() {
    long[] labels = IntStream.range(0, 40).mapToLong(r -> 10L * r).toArray();
    try (LayerFixture fixture =
        new LayerFixture(
            s -> s.labelOrder(LabelOrder.ranked(labels)).ignoreIndex(-1), 1, 10, -1, 15)) {
      assertThatThrownBy(
              () ->
                  fixture.graph.run(
                      fixture.layer.call(fixture.graph.tf, fixture.input, fixture.targets).loss()))
          .hasMessageContaining(
              "target must be a class in 0..390, 40 of them classes or ignoreIndex -1:")
          .hasMessageContaining("15");
    }
  }

  @Test
  void rowsThatDoNotMatchFailTheRunWhereShapesAreUnknown() {
    try (LayerFixture fixture = new LayerFixture(s -> s, 1, TARGET)) {
      Ops tf = fixture.graph.tf;
      Operand<TInt64> three =
          tf.placeholderWithDefault(tf.constant(new long[] {1, 2, 3}), Shape.unknown());
      SoftmaxLoss loss = fixture.layer.call(tf, fixture.input, three);
      assertThatThrownBy(() -> fixture.graph.run(loss.loss()))
          .hasMessageContaining("input and target must have the same number of rows")
          .hasMessageContaining("[8] [3]");
    }
  }

  @Test
  void badShapesAndTypesFailWhenTheGraphIsBuilt() {
    try (LayerFixture fixture = new LayerFixture(s -> s, 1, TARGET)) {
      Ops tf = fixture.graph.tf;
      AdaptiveSoftmax<TFloat64> layer = fixture.layer;
      Operand<TFloat64> narrow = tf.zeros(tf.constant(new int[] {8, 7}), TFloat64.class);
      Operand<TFloat64> cube = tf.zeros(tf.constant(new int[] {2, 8, 8}), TFloat64.class);
      assertThatThrownBy(() -> layer.call(tf, narrow, fixture.targets))
          .hasMessage("input's last dimension must be inFeatures 8: shape [8, 7]");
      assertThatThrownBy(() -> layer.logProb(tf, cube))
          .hasMessage("input must be [N, inFeatures] or [inFeatures]: shape [2, 8, 8]");
      assertThatThrownBy(() -> layer.call(tf, fixture.input, tf.constant(new long[] {1, 2})))
          .hasMessage("input and target must have the same number of rows: shapes [8, 8] and [2]");
      assertThatThrownBy(() -> layer.call(tf, fixture.input, tf.constant(1L)))
          .hasMessage("target must have rank 1: shape []");
      assertThatThrownBy(() -> layer.call(tf, fixture.input, tf.constant(new float[8])))
          .hasMessage("target must be int32 or int64: TFloat32");
      assertThatThrownBy(() -> layer.topK(tf, fixture.input, 41))
          .hasMessage("k must be in 1..40 (nClasses): 41");
      assertThatThrownBy(() -> layer.topK(tf, fixture.input, 0))
          .hasMessage("k must be in 1..40 (nClasses): 0");
    }
  }

  @Test
  void badSettingsFailWhenTheLayerIsBuilt() {
    try (TestGraph graph = new TestGraph()) {
      assertBad(graph, "nClasses must be at least 2: 1", s -> s.nClasses(1));
      assertBad(graph, "inFeatures must be at least 1: 0", s -> s.inFeatures(0));
      assertBad(graph, "cutoffs must increase: 10 after 10", s -> s.cutoffs(10, 10));
      assertBad(graph, "cutoffs must be in 1..99 (nClasses - 1): 100", s -> s.cutoffs(10, 100));
      assertBad(graph, "cutoffs must be in 1..99 (nClasses - 1): 0", s -> s.cutoffs(0));
      assertBad(graph, "cutoffs must hold at least one value: []", s -> s.cutoffs());
      assertBad(graph, "divValue must be above 0 and finite: NaN", s -> s.divValue(Double.NaN));
      assertBad(graph, "divValue must be above 0 and finite: -1.0", s -> s.divValue(-1));
      assertBad(
          graph,
          "divValue leaves tail cluster 2 no width: floor(inFeatures 8 / divValue 4.0 ^ 2) = 0",
          s -> s.cutoffs(10, 20));
      assertBad(graph, "tailDropout must be in [0, 1): 1.0", s -> s.tailDropout(1));
      assertBad(graph, "labelSmoothing must be in [0, 1): -0.1", s -> s.labelSmoothing(-0.1));
      assertBad(graph, "classWeights must hold nClasses 100 values: 2", s -> s.classWeights(1, 2));
      assertBad(
          graph,
          "labelOrder must hold nClasses 100 ids: 2",
          s -> s.labelOrder(LabelOrder.identity(2)));
      assertThatThrownBy(() -> LabelOrder.ranked(3, 5, 3))
          .hasMessage("labels must be distinct: 3 stands twice");
    }
  }

  private static void assertBad(
      TestGraph graph,
      String message,
      java.util.function.UnaryOperator<AdaptiveSoftmaxBuilder<TFloat32>> setting) {
    AdaptiveSoftmaxBuilder<TFloat32> builder =
        AdaptiveSoftmax.builder(TFloat32.class).inFeatures(8).nClasses(100).cutoffs(10);
    assertThatThrownBy(() -> setting.apply(builder).build(graph.tf))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void halfPrecisionReturnsFloat32() {
    try (TestGraph graph = new TestGraph()) {
      AdaptiveSoftmax<TBfloat16> layer =
          AdaptiveSoftmax.builder(TBfloat16.class)
              .inFeatures(8)
              .nClasses(100)
              .cutoffs(10)
              .build(graph.tf);
      Operand<TBfloat16> input = graph.constant(TBfloat16.class, new double[16], 2, 8);
      SoftmaxLoss loss = layer.call(graph.tf, input, graph.tf.constant(new long[] {1, 50}));
      assertThat(loss.loss().type()).isEqualTo(TFloat32.class);
      assertThat(loss.output().type()).isEqualTo(TFloat32.class);
      assertThat(layer.logProb(graph.tf, input).type()).isEqualTo(TFloat32.class);
      graph.initialize();
      assertThat(graph.run(loss.output())[0]).isCloseTo(-Math.log(11), within(1e-6));
    }
  }

  /** The losses of rows, 0 for a row without a label. */
  private static double[] rowLosses(LayerFixture fixture, double smoothing) {
    NaiveSoftmax naive = fixture.naive();
    return IntStream.range(0, fixture.target.length)
        .mapToDouble(
            n ->
                fixture.target[n] < 0
                    ? 0
                    : naive.loss(fixture.row(n), (int) fixture.target[n], smoothing))
        .toArray();
  }

  private static void assertNear(double actual, double expected) {
    assertNear(new double[] {actual}, expected);
  }

  private static void assertNear(double[] actual, double... expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i]).isCloseTo(expected[i], within(1e-11));
    }
  }
}
