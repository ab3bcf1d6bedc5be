package org.adaptivesoftmax.embedding;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.TestGraph;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/** An adaptive embedding as the table of all embeddings, built in full, and a gather from it. */
final class NaiveEmbedding {
  /** Widths 6, 3, 1. */
  static final ClusterPlan PLAN = new ClusterPlan(6, 17, List.of(5, 11), 2);

  static final LabelOrder SPARSE_IDS =
      LabelOrder.ranked(LongStream.range(0, 17).map(i -> (i * 7 % 17) * 1_000_000_007L).toArray());

  private static final double ERROR = 1e-10;

  private final TestGraph graph;
  private final Map<String, Variable<TFloat64>> parameters;
  private final @Nullable Tying tying;

  private NaiveEmbedding(
      TestGraph graph, Map<String, Variable<TFloat64>> parameters, @Nullable Tying tying) {
    this.graph = graph;
    this.parameters = parameters;
    this.tying = tying;
  }

  /** Holds values and all gradients of the layer against this form. */
  static void check(
      LabelOrder order,
      Class<? extends TNumber> idType,
      int[] ranks,
      long[] shape,
      @Nullable Tying tying) {
    try (TestGraph graph = new TestGraph()) {
      var softmax =
          AdaptiveSoftmax.builder(TFloat64.class).plan(PLAN).labelOrder(order).build(graph.tf);
      var builder = AdaptiveEmbedding.builder(TFloat64.class).plan(PLAN).labelOrder(order);
      if (tying != null) {
        builder.tiedTo(softmax, tying);
      }
      AdaptiveEmbedding<TFloat64> embedding = builder.build(graph.tf);
      Map<String, Variable<TFloat64>> parameters = new LinkedHashMap<>();
      parameters.putAll(embedding.parameters());
      softmax.parameters().forEach(parameters::putIfAbsent);

      double[] labels = Arrays.stream(ranks).mapToDouble(order::label).toArray();
      double[] rows = Arrays.stream(ranks).asDoubleStream().toArray();
      Operand<TFloat64> actual = embedding.call(graph.tf, graph.constant(idType, labels, shape));
      Operand<TFloat64> expected =
          graph.tf.gather(
              new NaiveEmbedding(graph, parameters, tying).table(),
              graph.constant(TInt32.class, rows, shape),
              graph.tf.constant(0));
      assertThat(actual.shape()).isEqualTo(expected.shape());

      List<Operand<?>> used = new ArrayList<>(embedding.parameters().values());
      softmax
          .parameters()
          .forEach(
              (name, variable) -> {
                if (isShared(name, tying)) {
                  used.add(variable);
                }
              });
      List<Operand<?>> fetched = new ArrayList<>(List.of(actual));
      fetched.addAll(graph.gradients(weighted(graph, actual), used));
      fetched.add(expected);
      fetched.addAll(graph.gradients(weighted(graph, expected), used));
      graph.initialize();
      List<double[]> values = graph.run(fetched);
      for (int i = 0; i <= used.size(); i++) {
        assertThat(values.get(i))
            .as("value, then gradients: %d", i)
            .containsExactly(values.get(used.size() + 1 + i), within(ERROR));
      }
    }
  }

  /** A scalar whose derivative by each entry is another number. */
  static Operand<TFloat64> weighted(TestGraph graph, Operand<TFloat64> values) {
    int size = (int) values.shape().size();
    double[] weights = new Random(3).doubles(size, -1, 1).toArray();
    Operand<TFloat64> flat = graph.tf.reshape(values, graph.tf.constant(new int[] {-1}));
    return graph.tf.reduceSum(
        graph.tf.math.mul(flat, graph.constant(TFloat64.class, weights, size)),
        graph.tf.constant(0));
  }

  private static boolean isShared(String name, @Nullable Tying tying) {
    boolean projection = name.startsWith("tail.") && name.endsWith(".0.weight");
    return tying == Tying.BOTH
        || (tying == Tying.CLASS_ROWS && !projection)
        || (tying == Tying.PROJECTIONS && projection);
  }

  /** All embeddings in order of rank, [nClasses, outFeatures]. */
  private Operand<TFloat64> table() {
    List<Operand<TFloat64>> clusters = new ArrayList<>();
    for (int cluster = 0; cluster <= PLAN.nTails(); cluster++) {
      clusters.add(graph.tf.linalg.matMul(rows(cluster), projection(cluster)));
    }
    return graph.tf.concat(clusters, graph.tf.constant(0));
  }

  private Operand<TFloat64> rows(int cluster) {
    if (tying == null || tying == Tying.PROJECTIONS) {
      return parameter("embedding." + cluster + ".weight");
    }
    if (cluster > 0) {
      return parameter("tail." + (cluster - 1) + ".1.weight");
    }
    return graph.tf.slice(
        parameter("head.weight"),
        graph.tf.constant(new int[] {0, 0}),
        graph.tf.constant(new int[] {PLAN.shortlistSize(), PLAN.inFeatures()}));
  }

  /** [width, outFeatures]. */
  private Operand<TFloat64> projection(int cluster) {
    if (cluster > 0 && (tying == Tying.PROJECTIONS || tying == Tying.BOTH)) {
      return parameter("tail." + (cluster - 1) + ".0.weight");
    }
    return graph.tf.linalg.transpose(
        parameter("projection." + cluster + ".weight"), graph.tf.constant(new int[] {1, 0}));
  }

  private Operand<TFloat64> parameter(String name) {
    return requireNonNull(parameters.get(name), name);
  }
}
