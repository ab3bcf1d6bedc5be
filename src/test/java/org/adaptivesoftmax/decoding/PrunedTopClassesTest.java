package org.adaptivesoftmax.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.FullSoftmax;
import org.adaptivesoftmax.LayerFixture;
import org.adaptivesoftmax.TestGraph;
import org.junit.jupiter.api.Test;
import org.tensorflow.types.TFloat32;

/** What top k forms that leave clusters out claim, against all classes. */
class PrunedTopClassesTest {
  private static final int ROWS = 12;
  private static final int SHORTLIST = 6;

  @Property(tries = 40)
  void isTheTopOfWhatWasLookedAt(
      @ForAll @IntRange(max = 4) int scale,
      @ForAll @IntRange(min = 1, max = SHORTLIST) int k,
      @ForAll @IntRange(max = 5) int step) {
    double minProbability = step == 5 ? Double.POSITIVE_INFINITY : step * 0.12;
    try (LayerFixture fixture =
        new LayerFixture(builder -> builder, 0.2 + 0.6 * scale, new double[ROWS])) {
      var tf = fixture.graph.tf;
      PrunedTopClasses pruned =
          step == 5
              ? fixture.layer.decoder().topKOfHead(tf, fixture.input, k)
              : fixture.layer.decoder().topKAbove(tf, fixture.input, k, minProbability);
      List<double[]> values =
          fixture.graph.run(
              List.of(
                  pruned.top().classes(),
                  pruned.top().logProbs(),
                  pruned.unseenProbability(),
                  tf.dtypes.cast(pruned.exact(), TFloat32.class),
                  tf.dtypes.cast(pruned.scored(), TFloat32.class)));
      for (int n = 0; n < ROWS; n++) {
        double[] head = fixture.naive().head(fixture.row(n));
        double[] logProb = fixture.naive().logProb(fixture.row(n));
        boolean[] scored = {values.get(4)[2 * n] == 1, values.get(4)[2 * n + 1] == 1};
        double unseen = 0;
        for (int tail = 0; tail < 2; tail++) {
          double entry = Math.exp(head[SHORTLIST + tail]);
          unseen += scored[tail] ? 0 : entry;
          assertThat(scored[tail] && entry < minProbability).isFalse();
        }
        assertThat(values.get(2)[n]).isCloseTo(unseen, within(1e-9));
        int[] seen = best(logProb, k, scored);
        int[] all = best(logProb, k, new boolean[] {true, true});
        for (int i = 0; i < k; i++) {
          assertThat(values.get(0)[n * k + i]).isEqualTo(seen[i]);
          assertThat(values.get(1)[n * k + i]).isCloseTo(logProb[seen[i]], within(1e-9));
        }
        if (values.get(3)[n] == 1) {
          assertThat(seen).isEqualTo(all);
        }
        if (minProbability == 0) {
          assertThat(values.get(3)[n]).isEqualTo(1);
        }
        boolean bounded =
            IntStream.range(0, 2)
                .allMatch(t -> scored[t] || head[SHORTLIST + t] < logProb[seen[k - 1]]);
        assertThat(values.get(3)[n] == 1).isEqualTo(bounded);
      }
    }
  }

  private static int[] best(double[] logProb, int k, boolean[] scored) {
    return IntStream.range(0, 40)
        .filter(c -> c < SHORTLIST || scored[c < 15 ? 0 : 1])
        .boxed()
        .sorted(Comparator.comparingDouble(c -> -logProb[c]))
        .mapToInt(c -> c)
        .limit(k)
        .toArray();
  }

  /** With weights as they are drawn, hardly a row needs a tail cluster among 10 of 2,000 classes. */
  @Test
  void theHeadAloneIsProvenExactForMostRowsOfALargeLayer() {
    try (TestGraph graph = new TestGraph()) {
      AdaptiveSoftmax<TFloat32> layer =
          AdaptiveSoftmax.builder(TFloat32.class)
              .inFeatures(64)
              .nClasses(9000)
              .cutoffs(2000, 4000)
              .build(graph.tf);
      graph.initialize();
      var input =
          graph.tf.random.statelessRandomNormal(
              graph.tf.constant(new int[] {200, 64}),
              graph.tf.constant(new int[] {1, 2}),
              TFloat32.class);
      PrunedTopClasses head = layer.decoder().topKOfHead(graph.tf, input, 10);
      TopClasses all = layer.topK(graph.tf, input, 10);
      List<double[]> values =
          graph.run(
              List.of(
                  graph.tf.dtypes.cast(head.exact(), TFloat32.class),
                  head.top().classes(),
                  all.classes()));
      assertThat(Arrays.stream(values.get(0)).sum()).isGreaterThan(180);
      for (int n = 0; n < 200; n++) {
        if (values.get(0)[n] == 1) {
          assertThat(Arrays.copyOfRange(values.get(1), n * 10, n * 10 + 10))
              .isEqualTo(Arrays.copyOfRange(values.get(2), n * 10, n * 10 + 10));
        }
      }
    }
  }

  @Test
  void aFullSoftmaxHasNoTailClusters() {
    try (TestGraph graph = new TestGraph()) {
      FullSoftmax<TFloat32> layer =
          FullSoftmax.builder(TFloat32.class).inFeatures(4).nClasses(10).seed(1).build(graph.tf);
      graph.initialize();
      PrunedTopClasses head =
          layer
              .decoder()
              .topKOfHead(graph.tf, graph.constant(TFloat32.class, new double[8], 2, 4), 3);
      assertThat(graph.run(graph.tf.shape(head.scored()))).containsExactly(2, 0);
      assertThat(graph.run(graph.tf.dtypes.cast(head.exact(), TFloat32.class)))
          .containsExactly(1, 1);
    }
  }

  @Test
  void badArgumentsAreRefused() {
    try (LayerFixture fixture = new LayerFixture(builder -> builder, 1, 0)) {
      var tf = fixture.graph.tf;
      var decoder = fixture.layer.decoder();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> decoder.topKOfHead(tf, fixture.input, 7))
          .withMessage("k must be in 1..6 (size of the shortlist): 7");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> decoder.topKAbove(tf, fixture.input, 1, -0.1))
          .withMessage("minProbability must be at least 0: -0.1");
    }
  }
}
