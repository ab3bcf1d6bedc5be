package org.adaptivesoftmax.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.LayerFixture;
import org.adaptivesoftmax.RunTrace;
import org.adaptivesoftmax.TestGraph;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/** Log-probabilities of candidates against the full distribution. */
class CandidateScoresTest {
  private static final int ROWS = 6;

  @Property(tries = 30)
  void equalTheFullDistributions(
      @ForAll @IntRange(max = 10_000) int seed,
      @ForAll @IntRange(max = 20) int count,
      @ForAll boolean ownLabels) {
    Random random = new Random(seed);
    long[] labels =
        LongStream.range(0, 40).map(rank -> ownLabels ? 100 - 2 * rank : rank).toArray();
    try (LayerFixture fixture =
        new LayerFixture(
            builder -> builder.labelOrder(LabelOrder.ranked(labels)), 2, new double[ROWS])) {
      int[] ranks = random.ints((long) ROWS * count, 0, 40).toArray();
      double[] ids = java.util.Arrays.stream(ranks).mapToDouble(r -> labels[r]).toArray();
      Operand<TInt64> candidates = fixture.graph.constant(TInt64.class, ids, ROWS, count);
      double[] found =
          fixture.graph.run(
              fixture.layer.decoder().logProb(fixture.graph.tf, fixture.input, candidates));
      assertThat(found).hasSize(ROWS * count);
      for (int i = 0; i < found.length; i++) {
        double[] logProb = fixture.naive().logProb(fixture.row(i / count));
        assertThat(found[i]).isCloseTo(logProb[ranks[i]], within(1e-9));
      }
    }
  }

  @Test
  void onlyRowsWithACandidateInAClusterAreScoredInIt() {
    try (TestGraph graph = new TestGraph(RunTrace.withoutRewriting())) {
      AdaptiveSoftmax<TFloat32> layer =
          AdaptiveSoftmax.builder(TFloat32.class)
              .inFeatures(8)
              .nClasses(100)
              .cutoffs(10, 40)
              .divValue(2)
              .build(graph.tf);
      graph.initialize();
      Operand<TFloat32> x = graph.constant(TFloat32.class, new double[24], 3, 8);
      Operand<TInt32> candidates = graph.tf.constant(new int[][] {{1, 2}, {99, 50}, {60, 3}});
      RunTrace trace =
          RunTrace.of(graph, List.of(layer.decoder().logProb(graph.tf, x, candidates)));
      assertThat(trace.multiplications()).isEqualTo(3 * 12 * 8 + 2 * (8 * 2 + 2 * 60));
    }
  }

  @Test
  void anUnbatchedInputHasOneRowOfCandidates() {
    try (LayerFixture fixture = new LayerFixture(builder -> builder, 1, 0)) {
      var tf = fixture.graph.tf;
      Operand<TFloat64> x = fixture.graph.constant(TFloat64.class, fixture.row(0), 8);
      var logProbs = fixture.layer.decoder().logProb(tf, x, tf.constant(new int[] {39, 0}));
      double[] expected = fixture.naive().logProb(fixture.row(0));
      assertThat(logProbs.shape().numDimensions()).isEqualTo(1);
      assertThat(fixture.graph.run(logProbs))
          .containsExactly(new double[] {expected[39], expected[0]}, within(1e-9));
    }
  }

  @Test
  void badCandidatesAreRefused() {
    try (LayerFixture fixture = new LayerFixture(builder -> builder, 1, 0)) {
      var tf = fixture.graph.tf;
      Decoder<TFloat64> decoder = fixture.layer.decoder();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> decoder.logProb(tf, fixture.input, tf.constant(new float[][] {{1}})))
          .withMessage("candidates must be int32 or int64: TFloat32");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> decoder.logProb(tf, fixture.input, tf.constant(new int[] {1})))
          .withMessage("candidates must have rank 2: shape [1]");
      var unknown = decoder.logProb(tf, fixture.input, tf.constant(new int[][] {{1, -3}}));
      assertThatThrownBy(() -> fixture.graph.run(unknown))
          .hasMessageContaining("candidates must be a class in 0..39:")
          .hasMessageContaining("-3");
    }
  }
}
