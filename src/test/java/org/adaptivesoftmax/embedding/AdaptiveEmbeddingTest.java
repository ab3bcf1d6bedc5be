package org.adaptivesoftmax.embedding;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.adaptivesoftmax.RunTrace;
import org.adaptivesoftmax.TestGraph;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.DeviceSpec;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/** Holds the embedding against the table of all embeddings, built in full, and gathered from. */
class AdaptiveEmbeddingTest {
  /** Widths 6, 3, 1. */
  private static final ClusterPlan PLAN = NaiveEmbedding.PLAN;

  private static final LabelOrder IDENTITY = LabelOrder.identity(17);
  private static final int[] EVERY_CLUSTER = {0, 4, 5, 10, 11, 16, 0, 12, 3, 16, 9, 0};

  static Stream<Arguments> batches() {
    List<long[]> shapes = List.of(new long[] {12}, new long[] {3, 4}, new long[] {2, 3, 2});
    return Stream.of(
        Arguments.of("rank 1", EVERY_CLUSTER, shapes.get(0)),
        Arguments.of("rank 2", EVERY_CLUSTER, shapes.get(1)),
        Arguments.of("rank 3", EVERY_CLUSTER, shapes.get(2)),
        Arguments.of("scalar", new int[] {13}, new long[0]),
        Arguments.of("shortlist alone", new int[] {1, 4, 1}, new long[] {3}),
        Arguments.of("one tail cluster alone", new int[] {7, 6}, new long[] {2, 1}),
        Arguments.of("no ids", new int[0], new long[] {2, 0}));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("batches")
  void equalsAGatherFromTheFullTable(String name, int[] ranks, long[] shape) {
    for (Class<? extends TNumber> ids : List.of(TInt32.class, TInt64.class)) {
      NaiveEmbedding.check(IDENTITY, ids, ranks, shape, null);
    }
  }

  @Test
  void takesAnyLabels() {
    NaiveEmbedding.check(
        NaiveEmbedding.SPARSE_IDS, TInt64.class, EVERY_CLUSTER, new long[] {4, 3}, null);
    LabelOrder reversed = LabelOrder.ranked(LongStream.range(0, 17).map(i -> 16 - i).toArray());
    NaiveEmbedding.check(reversed, TInt32.class, EVERY_CLUSTER, new long[] {12}, null);
  }

  @Test
  void paddingIsZeroAndGivesNoGradient() {
    for (long padding : new long[] {2, 12, -100}) {
      try (TestGraph graph = new TestGraph()) {
        AdaptiveEmbedding<TFloat64> embedding =
            AdaptiveEmbedding.builder(TFloat64.class)
                .plan(PLAN)
                .paddingIndex(padding)
                .build(graph.tf);
        AdaptiveEmbedding<TFloat64> without =
            AdaptiveEmbedding.builder(TFloat64.class).plan(PLAN).build(graph.tf);
        Operand<TInt64> ids = graph.tf.constant(new long[][] {{padding, 3, 7}, {13, 0, padding}});
        Operand<TFloat64> padded = embedding.call(graph.tf, ids);
        Operand<TFloat64> others =
            without.call(graph.tf, graph.tf.constant(new long[] {3, 7, 13, 0}));
        Operand<TFloat64> squares = graph.tf.math.square(padded);
        List<Operand<?>> fetched = new ArrayList<>(List.of(padded, others));
        fetched.addAll(
            graph.gradients(
                graph.tf.reduceSum(squares, graph.tf.constant(new int[] {0, 1, 2})),
                List.copyOf(embedding.parameters().values())));
        graph.initialize();
        List<double[]> values = graph.run(fetched);
        double[] expected = new double[36];
        System.arraycopy(values.get(1), 0, expected, 6, 24);
        assertThat(values.get(0)).containsExactly(expected);
        assertThat(nonZeroRows(values.get(2), 6)).containsExactly(0, 3);
        assertThat(nonZeroRows(values.get(4), 3)).containsExactly(2);
        assertThat(nonZeroRows(values.get(6), 1)).containsExactly(2);
      }
    }
  }

  @Test
  void paddingOutsideAnyLabelOrder() {
    try (TestGraph graph = new TestGraph()) {
      LabelOrder order = LabelOrder.ranked(LongStream.range(0, 17).map(i -> 16 - i).toArray());
      AdaptiveEmbedding<TFloat32> embedding =
          AdaptiveEmbedding.builder(TFloat32.class)
              .plan(PLAN)
              .labelOrder(order)
              .paddingIndex(-1)
              .build(graph.tf);
      var embedded = embedding.call(graph.tf, graph.tf.constant(new int[] {-1, -1}));
      graph.initialize();
      assertThat(graph.run(embedded)).containsExactly(new double[12]);
    }
  }

  private static List<Integer> nonZeroRows(double[] matrix, int width) {
    return IntStream.range(0, matrix.length)
        .filter(i -> matrix[i] != 0)
        .map(i -> i / width)
        .distinct()
        .boxed()
        .toList();
  }

  @Test
  void lookupGivesWhatASparseUpdateNeeds() {
    try (TestGraph graph = new TestGraph()) {
      AdaptiveEmbedding<TFloat64> embedding =
          AdaptiveEmbedding.builder(TFloat64.class).plan(PLAN).build(graph.tf);
      var lookup = embedding.lookup(graph.tf, graph.tf.constant(EVERY_CLUSTER));
      Operand<TFloat64> loss = NaiveEmbedding.weighted(graph, lookup.output());
      List<Operand<?>> fetched = new ArrayList<>();
      for (var cluster : lookup.clusters()) {
        Output<?> dense = graph.gradients(loss, List.of(cluster.table())).get(0);
        @SuppressWarnings("unchecked")
        Output<TFloat64> byRow =
            (Output<TFloat64>) graph.gradients(loss, List.of(cluster.rows())).get(0);
        fetched.add(dense);
        fetched.add(
            graph.tf.scatterNd(
                graph.tf.expandDims(cluster.indices(), graph.tf.constant(1)),
                byRow,
                graph.tf.shape(cluster.table())));
      }
      graph.initialize();
      List<double[]> values = graph.run(fetched);
      assertThat(lookup.clusters()).hasSize(3);
      for (int i = 0; i < values.size(); i += 2) {
        assertThat(values.get(i)).containsExactly(values.get(i + 1), within(1e-12));
        assertThat(values.get(i)).isNotEqualTo(new double[values.get(i).length]);
      }
    }
  }

  @Test
  void aClusterThatNoIdNeedsRunsNoProduct() {
    try (TestGraph graph = new TestGraph(RunTrace.withoutRewriting())) {
      AdaptiveEmbedding<TFloat64> embedding =
          AdaptiveEmbedding.builder(TFloat64.class).plan(PLAN).build(graph.tf);
      List<Operand<?>> fetched =
          valuesAndGradients(graph, embedding, graph.tf.constant(new int[] {9, 5}));
      graph.initialize();
      // Two rows of width 3 become two of width 6: forward, by the rows, by the projection.
      assertThat(RunTrace.of(graph, fetched).multiplications()).isEqualTo(3 * 2 * 3 * 6);
    }
  }

  @Test
  void clustersLiveOnTheirDevices() {
    ConfigProto twoDevices =
        RunTrace.withoutRewriting().toBuilder().putDeviceCount("CPU", 2).build();
    try (TestGraph graph = new TestGraph(twoDevices)) {
      var placed =
          AdaptiveEmbedding.builder(TFloat64.class)
              .plan(PLAN)
              .placement(cluster -> Optional.of(cpu(cluster == 1 ? 1 : 0)))
              .build(graph.tf);
      var elsewhere = AdaptiveEmbedding.builder(TFloat64.class).plan(PLAN).build(graph.tf);
      Operand<TInt32> ids = graph.tf.constant(EVERY_CLUSTER);
      List<Operand<?>> fetched = valuesAndGradients(graph, placed, ids);
      List<Operand<?>> expected = valuesAndGradients(graph, elsewhere, ids);
      graph.initialize();
      RunTrace trace = RunTrace.of(graph, fetched);
      // Of widths 6, 3, 1 with 5, 3 and 4 ids: forward, by the rows, by the projection.
      assertThat(trace.multiplications("CPU:1")).isEqualTo(3 * 3 * 3 * 6);
      assertThat(trace.multiplications("CPU:0")).isEqualTo(3 * (5 * 6 * 6 + 4 * 1 * 6));
      assertThat(get(placed.parameters(), "embedding.1.weight").op())
          .extracting(op -> ((GraphOperation) op).device())
          .asString()
          .endsWith("CPU:1");
      List<double[]> values = graph.run(fetched);
      List<double[]> same = graph.run(expected);
      for (int i = 0; i < values.size(); i++) {
        assertThat(values.get(i)).containsExactly(same.get(i), within(1e-12));
      }
    }
  }

  private static DeviceSpec cpu(int index) {
    return DeviceSpec.newBuilder().deviceType(DeviceSpec.DeviceType.CPU).deviceIndex(index).build();
  }

  private static List<Operand<?>> valuesAndGradients(
      TestGraph graph, AdaptiveEmbedding<TFloat64> embedding, Operand<TInt32> ids) {
    Operand<TFloat64> embedded = embedding.call(graph.tf, ids);
    List<Operand<?>> all = new ArrayList<>(List.of(embedded));
    all.addAll(
        graph.gradients(
            NaiveEmbedding.weighted(graph, embedded),
            List.copyOf(embedding.parameters().values())));
    return all;
  }

  @Test
  void keepsWhatIsKnownOfTheShape() {
    try (TestGraph graph = new TestGraph()) {
      AdaptiveEmbedding<TFloat32> embedding =
          AdaptiveEmbedding.builder(TFloat32.class).plan(PLAN).build(graph.tf);
      for (Shape known : List.of(Shape.of(-1, 20), Shape.of(-1), Shape.of(2, -1, 3))) {
        Operand<TInt64> ids = graph.tf.placeholder(TInt64.class, Placeholder.shape(known));
        assertThat(embedding.call(graph.tf, ids).shape().asArray())
            .containsExactly(known.append(6).asArray());
      }
      Operand<TInt32> unknown = graph.tf.placeholder(TInt32.class);
      Operand<TFloat32> embedded = embedding.call(graph.tf, unknown);
      assertThat(embedded.shape().isUnknown()).isTrue();
      graph.initialize();
      try (TInt32 ids = TInt32.tensorOf(Shape.of(1, 2, 1, 1), DataBuffers.of(16, 3));
          var result = graph.session().runner().feed(unknown, ids).fetch(embedded).run()) {
        assertThat(result.get(0).shape()).isEqualTo(Shape.of(1, 2, 1, 1, 6));
      }
    }
  }

  @Test
  void anIdThatIsNoClassFailsTheRun() {
    assertFails(OptionalLong.empty(), "ids must be a class in 0..16:", 3, 17);
    assertFails(OptionalLong.empty(), "ids must be a class in 0..16:", -1, 0);
    assertFails(OptionalLong.empty(), "ids must be a class in 0..16:", (1L << 32) + 3, 0);
    assertFails(OptionalLong.of(-5), "ids must be a class in 0..16 or paddingIndex -5:", -5, -4);
  }

  private static void assertFails(OptionalLong padding, String message, long... ids) {
    try (TestGraph graph = new TestGraph()) {
      var builder = AdaptiveEmbedding.builder(TFloat32.class).plan(PLAN);
      padding.ifPresent(builder::paddingIndex);
      var embedded = builder.build(graph.tf).call(graph.tf, graph.tf.constant(ids));
      graph.initialize();
      String invalid = padding.isPresent() ? "-4" : Long.toString(ids[0] == 3 ? 17 : ids[0]);
      assertThatThrownBy(() -> graph.run(embedded))
          .isInstanceOf(TFInvalidArgumentException.class)
          .hasMessageContaining(message)
          .hasMessageContaining("[" + invalid + "]");
    }
  }

  @Test
  void refusesBadArguments() {
    try (TestGraph graph = new TestGraph()) {
      var embedding = AdaptiveEmbedding.builder(TFloat32.class).plan(PLAN).build(graph.tf);
      assertThatThrownBy(() -> embedding.call(graph.tf, graph.constant(TUint8.class, ids(1), 1)))
          .hasMessage("ids must be int32 or int64: TUint8");
      assertRefused(
          graph, AdaptiveEmbedding.builder(TFloat32.class), "outFeatures must be at least 1: 0");
      assertRefused(
          graph,
          AdaptiveEmbedding.builder(TFloat32.class).outFeatures(4).nClasses(1),
          "nClasses must be at least 2: 1");
      assertRefused(
          graph,
          AdaptiveEmbedding.builder(TFloat32.class).outFeatures(4).nClasses(9).cutoffs(3, 3),
          "cutoffs must increase: 3 after 3");
      assertRefused(
          graph,
          AdaptiveEmbedding.builder(TFloat32.class).plan(PLAN).divValue(0),
          "divValue must be above 0 and finite: 0.0");
      assertRefused(
          graph,
          AdaptiveEmbedding.builder(TFloat32.class).plan(PLAN).labelOrder(LabelOrder.identity(3)),
          "labelOrder must hold nClasses 17 ids: 3");
    }
  }

  private static double[] ids(double... ids) {
    return ids;
  }

  private static void assertRefused(
      TestGraph graph, AdaptiveEmbeddingBuilder<?> builder, String message) {
    assertThatThrownBy(() -> builder.build(graph.tf))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void namesItsVariables() {
    try (TestGraph graph = new TestGraph()) {
      assertThat(AdaptiveEmbedding.builder(TFloat64.class).plan(PLAN).build(graph.tf).parameters())
          .hasSize(6)
          .hasEntrySatisfying("embedding.0.weight", v -> assertShape(v, 5, 6))
          .hasEntrySatisfying("projection.0.weight", v -> assertShape(v, 6, 6))
          .hasEntrySatisfying("embedding.1.weight", v -> assertShape(v, 6, 3))
          .hasEntrySatisfying("projection.1.weight", v -> assertShape(v, 6, 3))
          .hasEntrySatisfying("embedding.2.weight", v -> assertShape(v, 6, 1))
          .hasEntrySatisfying("projection.2.weight", v -> assertShape(v, 6, 1));
    }
  }

  private static void assertShape(Variable<TFloat64> variable, long... shape) {
    assertThat(variable.shape().asArray()).containsExactly(shape);
  }

  @Test
  void startsWithTheStatedDistributions() {
    ClusterPlan plan = ClusterPlan.of(64, 2_000, 500);
    try (TestGraph graph = new TestGraph()) {
      var parameters = start(graph, plan, 1);
      var same = start(graph, plan, 1);
      var another = start(graph, plan, 2);
      graph.initialize();
      double[] rows = graph.run(get(parameters, "embedding.1.weight"));
      assertThat(deviation(rows)).isCloseTo(Math.pow(16, -0.5), within(0.005));
      assertThat(Arrays.stream(rows).max().orElseThrow())
          .as("normal, not uniform")
          .isGreaterThan(0.75);
      double[] projection = graph.run(get(parameters, "projection.1.weight"));
      double bound = Math.sqrt(6.0 / (16 + 64));
      assertThat(Arrays.stream(projection).map(Math::abs).max().orElseThrow())
          .isBetween(0.95 * bound, bound);
      assertThat(deviation(projection)).isCloseTo(bound / Math.sqrt(3), within(0.01));
      assertThat(graph.run(get(same, "embedding.1.weight"))).containsExactly(rows);
      assertThat(graph.run(get(another, "embedding.1.weight"))).isNotEqualTo(rows);
    }
  }

  private static Map<String, Variable<TFloat32>> start(
      TestGraph graph, ClusterPlan plan, long seed) {
    return AdaptiveEmbedding.builder(TFloat32.class)
        .plan(plan)
        .seed(seed)
        .build(graph.tf)
        .parameters();
  }

  private static <T extends TFloating> Variable<T> get(
      Map<String, Variable<T>> parameters, String name) {
    return requireNonNull(parameters.get(name), name);
  }

  private static double deviation(double[] values) {
    return Math.sqrt(Arrays.stream(values).map(v -> v * v).average().orElseThrow());
  }

  @Test
  void bfloat16IsNearFloat32() {
    try (TestGraph graph = new TestGraph()) {
      List<double[]> half = valuesAndGradients(graph, TBfloat16.class);
      List<double[]> single = valuesAndGradients(graph, TFloat32.class);
      for (int i = 0; i < single.size(); i++) {
        double scale = Arrays.stream(single.get(i)).map(Math::abs).max().orElseThrow();
        assertThat(half.get(i)).containsExactly(single.get(i), within(2e-2 * scale));
      }
    }
  }

  private static <T extends TFloating> List<double[]> valuesAndGradients(
      TestGraph graph, Class<T> type) {
    AdaptiveEmbedding<T> embedding = AdaptiveEmbedding.builder(type).plan(PLAN).build(graph.tf);
    // One class so often that a sum in bfloat16 would stop growing at 256 times its gradient.
    int[] ids = new int[2_000];
    Arrays.fill(ids, 6);
    ids[0] = 1;
    ids[1] = 16;
    Operand<T> embedded = embedding.call(graph.tf, graph.tf.constant(ids));
    List<Operand<?>> fetched = new ArrayList<>(List.of(embedded));
    fetched.addAll(graph.gradients(embedded, List.copyOf(embedding.parameters().values())));
    graph.initialize();
    return graph.run(fetched);
  }
}
