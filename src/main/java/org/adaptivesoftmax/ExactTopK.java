package org.adaptivesoftmax;

import java.util.List;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gather;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * The exact top k of an adaptive softmax without the full distribution. A class of a tail cluster has its cluster entry's
 * log-probability plus its own within the cluster, which is at most 0: so a tail cluster is scored only for the rows where
 * its cluster entry's log-probability still reaches the k-th best found so far.
 *
 * @param <T> type of the input
 * @param <R> type of log-probabilities
 */
final class ExactTopK<T extends TFloating, R extends TFloating> {
  /** Log-probabilities within a tail cluster. */
  @FunctionalInterface
  interface TailScorer<T extends TFloating, R extends TFloating> {
    /**
     * @param tail counted from 0
     * @param x [rows, inFeatures]
     * @return [rows, tailSize]
     */
    Operand<R> logProb(Ops tf, int tail, Operand<T> x);
  }

  /** The best classes so far, best first, padded with log-probability −∞: ranks and log-probabilities, [rows, k]. */
  private record Best<R extends TFloating>(Operand<TInt32> ranks, Operand<R> logProbs) {}

  private final ClusterPlan plan;
  private final LabelOrder order;
  private final int k;

  ExactTopK(ClusterPlan plan, LabelOrder order, int k) {
    this.plan = plan;
    this.order = order;
    this.k = k;
  }

  /**
   * @param head the head's log-probabilities, [rows, headSize]
   * @param x [rows, inFeatures]
   */
  TopClasses of(Ops tf, Class<R> type, Operand<R> head, Operand<T> x, TailScorer<T, R> scorer) {
    Operand<R> shortlist =
        tf.stridedSlice(head, Indices.all(), Indices.range(0, plan.shortlistSize()));
    Best<R> best = padded(tf, type, topOfCluster(tf, shortlist, 0, plan.shortlistSize()));
    for (int tail = 0; tail < plan.nTails(); tail++) {
      Operand<R> entry =
          tf.stridedSlice(head, Indices.all(), Indices.at(plan.shortlistSize() + tail));
      Operand<R> kth = tf.stridedSlice(best.logProbs, Indices.all(), Indices.at(k - 1));
      Operand<TInt64> rows = Rows.where(tf, tf.math.greaterEqual(entry, kth));
      Operand<TInt64> where = tf.expandDims(rows, tf.constant(1));
      Operand<R> within = scorer.logProb(tf, tail, Rows.take(tf, x, rows));
      Operand<R> logProbs =
          tf.math.add(within, tf.expandDims(Rows.take(tf, entry, rows), tf.constant(1)));
      Best<R> found = topOfCluster(tf, logProbs, plan.tailStart(tail), plan.tailEnd(tail));
      Best<R> merged =
          merge(tf, rowsOf(tf, best, rows), found, k + Math.min(k, plan.tailSize(tail)));
      best =
          new Best<>(
              tf.tensorScatterNdUpdate(best.ranks, where, merged.ranks),
              tf.tensorScatterNdUpdate(best.logProbs, where, merged.logProbs));
    }
    return new TopClasses(order.labels(tf, best.ranks), best.logProbs);
  }

  /** The top of one cluster. Equal log-probabilities come in increasing order of class ids: TopK keeps columns' order. */
  private Best<R> topOfCluster(Ops tf, Operand<R> logProbs, int from, int to) {
    Operand<TInt32> kept = tf.constant(Math.min(k, to - from));
    if (order.isIdentity()) {
      var top = tf.nn.topK(logProbs, kept, TInt32.class);
      return new Best<>(tf.math.add(top.indices(), tf.constant(from)), top.values());
    }
    int[] byLabel = order.ranksByLabel(from, to);
    int[] columns = byLabel.clone();
    for (int i = 0; i < columns.length; i++) {
      columns[i] -= from;
    }
    var top =
        tf.nn.topK(tf.gather(logProbs, tf.constant(columns), tf.constant(1)), kept, TInt32.class);
    return new Best<>(tf.gather(tf.constant(byLabel), top.indices(), tf.constant(0)), top.values());
  }

  private Best<R> padded(Ops tf, Class<R> type, Best<R> best) {
    int missing = k - plan.shortlistSize();
    if (missing <= 0) {
      return best;
    }
    Operand<TInt32> padding = tf.constant(new int[][] {{0, 0}, {0, missing}});
    Operand<R> lowest = Precision.cast(tf, tf.constant(Float.NEGATIVE_INFINITY), type);
    return new Best<>(
        tf.pad(best.ranks, padding, tf.constant(0)), tf.pad(best.logProbs, padding, lowest));
  }

  private static <R extends TFloating> Best<R> rowsOf(Ops tf, Best<R> best, Operand<TInt64> rows) {
    return new Best<>(Rows.take(tf, best.ranks, rows), Rows.take(tf, best.logProbs, rows));
  }

  private Best<R> merge(Ops tf, Best<R> best, Best<R> found, int candidates) {
    Operand<TInt32> ranks = tf.concat(List.of(best.ranks, found.ranks), tf.constant(1));
    Operand<R> logProbs = tf.concat(List.of(best.logProbs, found.logProbs), tf.constant(1));
    if (!order.isIdentity()) {
      // Ranks are in order already where ids are ranks; other ids must be brought into order, for
      // ties.
      Operand<TInt32> byLabel =
          tf.nn
              .topK(
                  tf.math.neg(order.placesOfRanks(tf, ranks)),
                  tf.constant(candidates),
                  TInt32.class)
              .indices();
      ranks = pick(tf, ranks, byLabel);
      logProbs = pick(tf, logProbs, byLabel);
    }
    var top = tf.nn.topK(logProbs, tf.constant(k), TInt32.class);
    return new Best<>(pick(tf, ranks, top.indices()), top.values());
  }

  private static <V extends TNumber> Operand<V> pick(
      Ops tf, Operand<V> values, Operand<TInt32> columns) {
    return tf.gather(values, columns, tf.constant(1), Gather.batchDims(1L));
  }
}
