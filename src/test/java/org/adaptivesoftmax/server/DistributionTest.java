package org.adaptivesoftmax.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.decoding.ClassBias;
import org.adaptivesoftmax.decoding.ClusterLogits;
import org.adaptivesoftmax.decoding.Decoder;
import org.adaptivesoftmax.decoding.PrunedTopClasses;
import org.adaptivesoftmax.decoding.SampleOptions;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/** What is reckoned of a row outside of the graph, against the library's decoder in one, and against chance. */
class DistributionTest {
  private static final int ROWS = 200;
  private static final int K = 5;
  private static final ClusterPlan PLAN = new ClusterPlan(40, 40, List.of(8, 20, 30), 1);

  /** Logits that are the input itself: [shortlist and cluster entries, each tail's classes] from log-probabilities. */
  private static final class Known implements ClusterLogits<TFloat32> {
    @Override
    public Operand<TFloat32> head(Ops tf, Operand<TFloat32> x) {
      List<Operand<TFloat32>> parts = new ArrayList<>();
      parts.add(columns(tf, x, 0, PLAN.shortlistSize()));
      for (int tail = 0; tail < PLAN.nTails(); tail++) {
        parts.add(
            tf.math.log(
                tf.reduceSum(
                    tf.math.exp(tail(tf, tail, x)), tf.constant(1), ReduceSum.keepDims(true))));
      }
      return tf.concat(parts, tf.constant(1));
    }

    @Override
    public Operand<TFloat32> tail(Ops tf, int tail, Operand<TFloat32> x) {
      return columns(tf, x, PLAN.tailStart(tail), PLAN.tailEnd(tail));
    }

    private static Operand<TFloat32> columns(Ops tf, Operand<TFloat32> x, int from, int to) {
      return tf.stridedSlice(x, Indices.all(), Indices.range(from, to));
    }
  }

  /** Rows whose clusters weigh differently, so that some are looked at and some are not. */
  private static float[][] rows() {
    Random random = new Random(5);
    float[][] rows = new float[ROWS][PLAN.nClasses()];
    for (float[] row : rows) {
      double[] weight = random.doubles(PLAN.nTails() + 1, -6, 0).toArray();
      double sum = 0;
      for (int rank = 0; rank < row.length; rank++) {
        row[rank] = (float) (2 * random.nextGaussian() + weight[PLAN.cluster(rank)]);
        sum += Math.exp(row[rank]);
      }
      for (int rank = 0; rank < row.length; rank++) {
        row[rank] -= (float) Math.log(sum);
      }
    }
    return rows;
  }

  @Test
  void looksWhereTheDecoderLooks() {
    float[][] rows = rows();
    Map<Integer, Double> bias = Map.of(3, 4.0, 9, Double.NEGATIVE_INFINITY, 33, 2.5);
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> x =
          tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, PLAN.nClasses())));
      Decoder<TFloat32> decoder =
          Decoder.of("known", TFloat32.class, PLAN, LabelOrder.identity(40), new Known());
      PrunedTopClasses plain = decoder.topKAbove(tf, x, K, 0);
      PrunedTopClasses biased =
          decoder
              .withBias(
                  new ClassBias(
                      tf.constant(new int[] {3, 9, 33}),
                      tf.constant(new float[] {4, Float.NEGATIVE_INFINITY, 2.5f})))
              .topKAbove(tf, x, K, 0);
      assertSame(session, x, rows, plain, Map.of());
      assertSame(session, x, rows, biased, bias);
    }
  }

  private static void assertSame(
      Session session,
      Placeholder<TFloat32> x,
      float[][] rows,
      PrunedTopClasses expected,
      Map<Integer, Double> bias) {
    Set<List<Boolean>> seen = new HashSet<>();
    try (TFloat32 input = TFloat32.tensorOf(StdArrays.ndCopyOf(rows));
        Result result =
            session
                .runner()
                .feed(x, input)
                .fetch(expected.top().classes())
                .fetch(expected.top().logProbs())
                .fetch(expected.scored())
                .run()) {
      TInt64 classes = (TInt64) result.get(0);
      TFloat32 logProbs = (TFloat32) result.get(1);
      TBool scored = (TBool) result.get(2);
      for (int row = 0; row < ROWS; row++) {
        Distribution found = Distribution.of(rows[row]).biased(bias);
        List<Integer> best = found.best(K);
        for (int i = 0; i < K; i++) {
          assertThat((long) best.get(i)).isEqualTo(classes.getLong(row, i));
          assertThat(found.logProb(best.get(i))).isCloseTo(logProbs.getFloat(row, i), within(1e-4));
        }
        List<Boolean> looked = found.scored(PLAN, K);
        for (int tail = 0; tail < PLAN.nTails(); tail++) {
          assertThat(looked.get(tail)).as("row %s", row).isEqualTo(scored.getBoolean(row, tail));
        }
        seen.add(looked);
      }
    }
    assertThat(seen).hasSizeGreaterThan(4);
  }

  /** More classes are wanted than come before a cluster: it must be looked at. */
  @Test
  void aClusterIsScoredWhileThereAreTooFewClasses() {
    float[] row = new float[PLAN.nClasses()];
    for (int rank = 0; rank < row.length; rank++) {
      row[rank] = rank == 0 ? 0 : -100 - 50 * PLAN.cluster(rank);
    }
    assertThat(Distribution.of(row).scored(PLAN, 9)).containsExactly(true, false, false);
    assertThat(Distribution.of(row).scored(PLAN, 21)).containsExactly(true, true, false);
  }

  @Test
  void probabilitiesOfClustersSumToOne() {
    Distribution some = Distribution.of(rows()[0]);
    assertThat(some.probability(0, 8) + some.probability(8, 20) + some.probability(20, 40))
        .isCloseTo(1, within(1e-6));
  }

  /** 0.5, 0.25, 0.15, 0.1 at temperature 0.5 are their squares, renormalised. */
  @Test
  void drawsAsOftenAsTheOptionsSay() {
    Distribution some = distribution(0.1, 0.5, 0.15, 0.25);
    SampleOptions half = SampleOptions.defaults().temperature(0.5);
    double sum = 0.01 + 0.25 + 0.0225 + 0.0625;
    assertDrawn(some, SampleOptions.defaults(), 0.1, 0.5, 0.15, 0.25);
    assertDrawn(some, half, 0.01 / sum, 0.25 / sum, 0.0225 / sum, 0.0625 / sum);
    assertDrawn(some, SampleOptions.defaults().topK(2), 0, 2 / 3.0, 0, 1 / 3.0);
    assertDrawn(some, SampleOptions.defaults().topP(0.74), 0, 2 / 3.0, 0, 1 / 3.0);
    assertDrawn(some, SampleOptions.defaults().topP(0.76), 0, 0.5 / 0.9, 0.15 / 0.9, 0.25 / 0.9);
    // Of the two that top k leaves, the first alone holds 2/3.
    assertDrawn(some, SampleOptions.defaults().topK(2).topP(0.66), 0, 1, 0, 0);
    assertDrawn(some, SampleOptions.defaults().topP(1e-9), 0, 1, 0, 0);
    assertDrawn(some, SampleOptions.defaults().topK(1000), 0.1, 0.5, 0.15, 0.25);
    assertDrawn(
        some.biased(Map.of(1, Double.NEGATIVE_INFINITY, 0, Math.log(6))),
        SampleOptions.defaults(),
        0.6,
        0,
        0.15,
        0.25);
  }

  private static Distribution distribution(double... probabilities) {
    float[] logProbs = new float[probabilities.length];
    for (int i = 0; i < logProbs.length; i++) {
      logProbs[i] = (float) Math.log(probabilities[i]);
    }
    return Distribution.of(logProbs);
  }

  /** Within five standard deviations, so that a right draw fails once in millions; the seed is fixed in any case. */
  private static void assertDrawn(
      Distribution some, SampleOptions options, double... probabilities) {
    int draws = 20_000;
    SplittableRandom random = new SplittableRandom(3);
    Map<Integer, Integer> counts = new HashMap<>();
    for (int i = 0; i < draws; i++) {
      counts.merge(some.draw(options, random), 1, Integer::sum);
    }
    IntStream.range(0, probabilities.length)
        .forEach(
            rank -> {
              double p = probabilities[rank];
              assertThat(counts.getOrDefault(rank, 0) / (double) draws)
                  .as("rank %s, %s", rank, options)
                  .isCloseTo(p, within(5 * Math.sqrt(p * (1 - p) / draws) + 1e-12));
            });
  }

  @Test
  void aBanOfEverythingIsRefused() {
    Map<Integer, Double> all = Map.of(0, Double.NEGATIVE_INFINITY, 1, Double.NEGATIVE_INFINITY);
    assertThatThrownBy(() -> distribution(0.5, 0.5).biased(all))
        .isInstanceOf(RequestFailure.class)
        .hasMessage("bias leaves no class");
  }

  @Test
  void aRowWithoutAnAnswerIsKnown() {
    assertThat(Distribution.of(new float[] {0, Float.NaN}).isAnswered()).isFalse();
    assertThat(Distribution.of(new float[] {0, Float.NEGATIVE_INFINITY}).isAnswered()).isTrue();
  }
}
