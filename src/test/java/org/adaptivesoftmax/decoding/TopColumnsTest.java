package org.adaptivesoftmax.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.adaptivesoftmax.TestGraph;
import org.junit.jupiter.api.Test;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** The k largest values by blocks against TopK over the whole row. */
class TopColumnsTest {
  /** Few different values, so that ties are the rule; −∞ stands for banned classes. */
  @Property(tries = 200)
  void blocksGiveWhatTopKGives(
      @ForAll @IntRange(max = 10_000) int seed,
      @ForAll @IntRange(max = 6) int rows,
      @ForAll @IntRange(min = 1, max = 12) int k,
      @ForAll @IntRange(min = 1, max = 9) int size,
      @ForAll @IntRange(min = 1, max = 30) int distinct) {
    Random random = new Random(seed);
    int width = k * size + random.nextInt(4 * size);
    double[] values = values(random, rows * width, distinct);
    try (TestGraph graph = new TestGraph()) {
      Operand<TFloat32> input = graph.constant(TFloat32.class, values, rows, width);
      RowBlocks<TFloat32> blocks = RowBlocks.of(graph.tf, input, width, size);
      assertEqualsTopK(
          graph, input, k, TopColumns.of(graph.tf, blocks, k, UnaryOperator.identity()));
    }
  }

  @Property(tries = 20)
  void longRowsGiveWhatTopKGives(
      @ForAll @IntRange(max = 10_000) int seed,
      @ForAll @IntRange(min = 1, max = 20) int k,
      @ForAll @IntRange(min = 1, max = 3000) int distinct) {
    Random random = new Random(seed);
    int width = 500 + random.nextInt(3000);
    try (TestGraph graph = new TestGraph()) {
      Operand<TFloat32> input =
          graph.constant(TFloat32.class, values(random, 3 * width, distinct), 3, width);
      RowBlocks<TFloat32> blocks = RowBlocks.forTop(graph.tf, input, width, k);
      assertEqualsTopK(
          graph, input, k, TopColumns.of(graph.tf, blocks, k, UnaryOperator.identity()));
    }
  }

  /** A score that makes values equal which are not: what is sorted is the scores. */
  @Property(tries = 40)
  void scoresAreSortedNotValues(
      @ForAll @IntRange(max = 10_000) int seed,
      @ForAll @IntRange(min = 1, max = 12) int k,
      @ForAll @IntRange(min = 2, max = 9) int size) {
    Random random = new Random(seed);
    int width = k * size + random.nextInt(4 * size);
    try (TestGraph graph = new TestGraph()) {
      Operand<TFloat32> input =
          graph.constant(TFloat32.class, values(random, 3 * width, 30), 3, width);
      UnaryOperator<Operand<TFloat32>> thirds =
          v -> graph.tf.math.floor(graph.tf.math.div(v, graph.tf.constant(3f)));
      RowBlocks<TFloat32> blocks = RowBlocks.of(graph.tf, input, width, size);
      assertEqualsTopK(graph, thirds.apply(input), k, TopColumns.of(graph.tf, blocks, k, thirds));
    }
  }

  /** 2,003 is a prime number; 2,000 has divisors near the size that would be best. */
  @Test
  void blocksLeaveNoRestWhereTheyCan() {
    try (TestGraph graph = new TestGraph()) {
      for (int width : new int[] {2000, 2003}) {
        Operand<TFloat32> input = graph.constant(TFloat32.class, new double[width], 1, width);
        RowBlocks<TFloat32> blocks = RowBlocks.forTop(graph.tf, input, width, 10);
        assertThat(blocks.hasRest()).isEqualTo(width == 2003);
        assertThat(blocks.size()).isBetween(14, 56);
      }
    }
  }

  /** A row's most probable value has log-probability −log Σ exp(z − max z), which the blocks' maxima bound from above. */
  @Property(tries = 20)
  void theMaximaBoundTheLargestProbability(
      @ForAll @IntRange(max = 10_000) int seed, @ForAll @IntRange(max = 2) int scale) {
    Random random = new Random(seed);
    int width = 1000 + random.nextInt(1000);
    double[] values = random.doubles(width).map(v -> Math.pow(10, scale) * v).toArray();
    double max = Arrays.stream(values).max().orElseThrow();
    double exact = -Math.log(Arrays.stream(values).map(v -> Math.exp(v - max)).sum());
    try (TestGraph graph = new TestGraph()) {
      Operand<TFloat32> input = graph.constant(TFloat32.class, values, 1, width);
      RowBlocks<TFloat32> blocks = RowBlocks.forTop(graph.tf, input, width, 5);
      double bound = graph.run(blocks.logTopAtMost(graph.tf))[0];
      assertThat(bound).isBetween(exact - 1e-5, exact + Math.log(blocks.size()) + 1e-5);
    }
  }

  @Test
  void aLongRowIsNotSearchedWhole() {
    try (TestGraph graph = new TestGraph()) {
      Operand<TFloat32> input = graph.constant(TFloat32.class, new double[2000], 1, 2000);
      TopColumns<TFloat32> top =
          TopColumns.of(
              graph.tf, RowBlocks.forTop(graph.tf, input, 2000, 10), 10, UnaryOperator.identity());
      assertThat(graph.run(top.columns())).hasSize(10);
      for (Iterator<GraphOperation> ops = graph.graph().operations(); ops.hasNext(); ) {
        GraphOperation op = ops.next();
        if (op.type().equals("TopKV2")) {
          assertThat(op.input(0).shape().get(1)).isLessThan(400);
        }
      }
    }
  }

  private static double[] values(Random random, int count, int distinct) {
    return random
        .ints(count, 0, distinct + 1)
        .mapToDouble(v -> v == distinct ? Double.NEGATIVE_INFINITY : -v)
        .toArray();
  }

  private static void assertEqualsTopK(
      TestGraph graph, Operand<TFloat32> input, int k, TopColumns<TFloat32> found) {
    var expected = graph.tf.nn.topK(input, graph.tf.constant(k), TInt32.class);
    List<double[]> values =
        graph.run(List.of(expected.indices(), expected.values(), found.columns(), found.scores()));
    assertThat(values.get(2)).isEqualTo(values.get(0));
    assertThat(values.get(3)).isEqualTo(values.get(1));
  }
}
