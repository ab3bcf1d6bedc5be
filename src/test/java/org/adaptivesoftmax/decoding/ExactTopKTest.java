package org.adaptivesoftmax.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.AdaptiveSoftmaxBuilder;
import org.adaptivesoftmax.LayerFixture;
import org.adaptivesoftmax.RunTrace;
import org.adaptivesoftmax.TestGraph;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.junit.jupiter.api.Test;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.nn.Softmax;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/** The exact top k against sorting the full distribution. */
class ExactTopKTest {
  private static final int ROWS = 5;

  /** With small integer weights many log-probabilities are equal to the last bit: ties are the rule. */
  @Property(tries = 60)
  void equalsTheTopOfTheFullDistribution(
      @ForAll @IntRange(max = 10_000) int seed,
      @ForAll boolean ownLabels,
      @ForAll @IntRange(min = 0, max = 3) int scale) {
    Random random = new Random(seed);
    int nClasses = 5 + random.nextInt(40);
    assertEqualsTheTop(random, nClasses, 1 + random.nextInt(nClasses), ownLabels, scale);
  }

  /** Clusters so long that their tops are found by blocks. */
  @Property(tries = 12)
  void equalsTheTopOfLongClusters(
      @ForAll @IntRange(max = 10_000) int seed,
      @ForAll boolean ownLabels,
      @ForAll @IntRange(min = 1, max = 12) int k,
      @ForAll @IntRange(max = 3) int scale) {
    Random random = new Random(seed);
    assertEqualsTheTop(random, 3000 + random.nextInt(3000), k, ownLabels, scale);
  }

  /** Tail clusters so long that rows are asked again, once they are scored, whether they may hold one of the best. */
  @Property(tries = 8)
  void equalsTheTopWhereRowsAreAskedAgain(
      @ForAll @IntRange(max = 10_000) int seed,
      @ForAll boolean ownLabels,
      @ForAll @IntRange(min = 1, max = 8) int k,
      @ForAll @IntRange(min = 1, max = 3) int scale) {
    Random random = new Random(seed);
    int[] cutoffs = {20 + random.nextInt(20)};
    assertEqualsTheTop(random, 8100 + random.nextInt(1000), k, ownLabels, scale, cutoffs);
  }

  private static void assertEqualsTheTop(
      Random random, int nClasses, int k, boolean ownLabels, int scale) {
    int[] cutoffs =
        random.ints(1, nClasses).limit(1 + random.nextInt(3)).distinct().sorted().toArray();
    assertEqualsTheTop(random, nClasses, k, ownLabels, scale, cutoffs);
  }

  private static void assertEqualsTheTop(
      Random random, int nClasses, int k, boolean ownLabels, int scale, int[] cutoffs) {
    List<Long> labels =
        IntStream.range(0, nClasses)
            .mapToObj(r -> 3L * r - 10)
            .collect(java.util.stream.Collectors.toList());
    Collections.shuffle(labels, random);
    try (TestGraph graph = new TestGraph()) {
      AdaptiveSoftmaxBuilder<TFloat32> builder =
          AdaptiveSoftmax.builder(TFloat32.class)
              .inFeatures(8)
              .nClasses(nClasses)
              .cutoffs(cutoffs)
              .divValue(2);
      if (ownLabels) {
        builder.labelOrder(LabelOrder.ranked(labels.stream().mapToLong(Long::longValue).toArray()));
      }
      AdaptiveSoftmax<TFloat32> layer = builder.build(graph.tf);
      graph.initialize();
      layer
          .parameters()
          .values()
          .forEach(v -> graph.assign(v, integers(random, (int) v.shape().size(), scale)));
      Operand<TFloat32> input =
          graph.constant(TFloat32.class, integers(random, ROWS * 8, 1), ROWS, 8);
      TopClasses top = layer.topK(graph.tf, input, k);
      List<double[]> values =
          graph.run(
              List.of(
                  layer.logProb(graph.tf, input),
                  top.classes(),
                  top.logProbs(),
                  layer.predict(graph.tf, input)));
      double[] sorted =
          ownLabels
              ? labels.stream().mapToDouble(Long::doubleValue).sorted().toArray()
              : IntStream.range(0, nClasses).asDoubleStream().toArray();
      for (int n = 0; n < ROWS; n++) {
        double[] logProb = Arrays.copyOfRange(values.get(0), n * nClasses, (n + 1) * nClasses);
        int[] expected =
            IntStream.range(0, nClasses)
                .boxed()
                .sorted(Comparator.<Integer>comparingDouble(c -> -logProb[c]).thenComparing(c -> c))
                .mapToInt(c -> c)
                .limit(k)
                .toArray();
        for (int i = 0; i < k; i++) {
          assertThat(values.get(2)[n * k + i]).isCloseTo(logProb[expected[i]], within(1e-5));
          assertThat(values.get(1)[n * k + i]).isEqualTo(sorted[expected[i]]);
        }
        assertThat(values.get(3)[n]).isEqualTo(sorted[expected[0]]);
      }
    }
  }

  /** Real weights at scales from a flat distribution to one class that holds all. */
  @Property(tries = 40)
  void equalsTheTopAtEveryScale(
      @ForAll @IntRange(max = 10_000) int seed,
      @ForAll @IntRange(min = -2, max = 2) int exponent,
      @ForAll @IntRange(min = 1, max = LayerFixture.CLASSES) int k) {
    Random random = new Random(seed);
    int[] cutoffs = random.ints(3, 1, LayerFixture.CLASSES).distinct().sorted().toArray();
    try (LayerFixture fixture =
        new LayerFixture(
            builder -> builder.cutoffs(cutoffs).headBias(true).tailBias(true),
            Math.pow(10, exponent),
            new double[ROWS])) {
      TopClasses top = fixture.layer.topK(fixture.graph.tf, fixture.input, k);
      List<double[]> values = fixture.graph.run(List.of(top.classes(), top.logProbs()));
      for (int n = 0; n < ROWS; n++) {
        double[] logProb = fixture.naive().logProb(fixture.row(n));
        double[] sorted =
            Arrays.stream(logProb)
                .boxed()
                .sorted(Comparator.reverseOrder())
                .mapToDouble(l -> l)
                .toArray();
        for (int i = 0; i < k; i++) {
          assertThat(values.get(1)[n * k + i]).isCloseTo(sorted[i], within(1e-9));
          assertThat(logProb[(int) values.get(0)[n * k + i]]).isCloseTo(sorted[i], within(1e-9));
        }
        assertThat(Arrays.stream(values.get(0), n * k, n * k + k).distinct()).hasSize(k);
      }
    }
  }

  /** Three rows; the entry of the last of two clusters reaches the second best in one of them. */
  @Test
  void onlyRowsWhoseBoundReachesTheBestAreScored() {
    try (TestGraph graph = new TestGraph(RunTrace.withoutRewriting())) {
      AdaptiveSoftmax<TFloat32> layer =
          AdaptiveSoftmax.builder(TFloat32.class)
              .inFeatures(8)
              .nClasses(100)
              .cutoffs(10, 40)
              .divValue(2)
              .build(graph.tf);
      graph.initialize();
      double[] head = new double[12 * 8];
      head[10 * 8] = -9;
      head[11 * 8] = -9;
      head[11 * 8 + 1] = 20;
      graph.assign(layer.parameters().get("head.weight"), head);
      double[] rows = new double[3 * 8];
      rows[0] = 1;
      rows[8] = 1;
      rows[9] = 1;
      rows[16] = 1;
      TopClasses top = layer.topK(graph.tf, graph.constant(TFloat32.class, rows, 3, 8), 2);
      RunTrace trace = RunTrace.of(graph, List.of(top.classes(), top.logProbs()));
      assertThat(trace.multiplications()).isEqualTo(3 * 12 * 8 + (8 * 2 + 2 * 60));
    }
  }

  /**
   * The tail cluster is as probable as the best of the shortlist or more, so that every row is scored in it; its classes are
   * equal, hence far less probable, but for one in the second row.
   */
  @Test
  void onlyRowsWhoseBestClassReachesTheBestAreNormalized() {
    try (TestGraph graph = new TestGraph(RunTrace.withoutRewriting())) {
      AdaptiveSoftmax<TFloat32> layer =
          AdaptiveSoftmax.builder(TFloat32.class)
              .inFeatures(8)
              .nClasses(9010)
              .cutoffs(10)
              .divValue(2)
              .build(graph.tf);
      graph.initialize();
      double[] head = new double[11 * 8];
      head[10 * 8 + 1] = 1;
      graph.assign(layer.parameters().get("head.weight"), head);
      double[] projection = new double[4 * 8];
      projection[1] = 1;
      graph.assign(layer.parameters().get("tail.0.0.weight"), projection);
      double[] classes = new double[9000 * 4];
      classes[123 * 4] = 50;
      graph.assign(layer.parameters().get("tail.0.1.weight"), classes);
      double[] rows = new double[3 * 8];
      rows[8 + 1] = 1;
      TopClasses top = layer.topK(graph.tf, graph.constant(TFloat32.class, rows, 3, 8), 2);
      List<double[]> values = graph.run(List.of(top.classes(), graph.tf.shape(tailSoftmax(graph))));
      assertThat(values.get(0)).containsExactly(0, 1, 133, 0, 0, 1);
      assertThat(values.get(1)).containsExactly(1, 9000);
    }
  }

  private static Operand<TFloat32> tailSoftmax(TestGraph graph) {
    for (Iterator<GraphOperation> ops = graph.graph().operations(); ops.hasNext(); ) {
      GraphOperation op = ops.next();
      if (op.type().equals(Softmax.OP_NAME) && op.input(0).shape().get(1) == 9000) {
        return op.output(0);
      }
    }
    throw new AssertionError("no softmax of the tail cluster's classes");
  }

  /** As many rows as take another product, in a batch whose size only the run knows. */
  @Test
  void theNumberOfRowsChangesNoAnswer() {
    try (TestGraph graph = new TestGraph()) {
      AdaptiveSoftmax<TFloat32> layer =
          AdaptiveSoftmax.builder(TFloat32.class)
              .inFeatures(512)
              .nClasses(3000)
              .cutoffs(100, 1000)
              .divValue(2)
              .build(graph.tf);
      graph.initialize();
      Placeholder<TFloat32> input =
          graph.tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 512)));
      TopClasses top = layer.topK(graph.tf, input, 5);
      double[] all = new Random(3).doubles(20 * 512, -1, 1).toArray();
      long[] whole = top(graph, input, all, top);
      for (int rows : new int[] {0, 1, 7, 8, 9}) {
        double[] some = Arrays.copyOf(all, rows * 512);
        assertThat(top(graph, input, some, top)).isEqualTo(Arrays.copyOf(whole, rows * 5));
      }
    }
  }

  private static long[] top(
      TestGraph graph, Placeholder<TFloat32> input, double[] rows, TopClasses top) {
    try (TFloat32 fed =
            TFloat32.tensorOf(
                Shape.of(rows.length / 512, 512),
                t -> t.scalars().forEachIndexed((i, v) -> v.setFloat((float) rows[index(i)])));
        Result result = graph.session().runner().feed(input, fed).fetch(top.classes()).run()) {
      TInt64 classes = (TInt64) result.get(0);
      return StreamSupport.stream(classes.scalars().spliterator(), false)
          .mapToLong(c -> c.getLong())
          .toArray();
    }
  }

  private static int index(long[] coordinates) {
    return (int) (coordinates[0] * 512 + coordinates[1]);
  }

  private static double[] integers(Random random, int count, int scale) {
    return IntStream.range(0, count)
        .mapToDouble(i -> random.nextInt(2 * scale + 1) - scale)
        .toArray();
  }
}
