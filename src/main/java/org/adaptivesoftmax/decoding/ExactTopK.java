package org.adaptivesoftmax.decoding;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Rows;
import org.adaptivesoftmax.internal.graph.Select;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * The exact top k of an adaptive softmax without the full distribution. A class of a tail cluster has its cluster entry's
 * log-probability plus its own within the cluster, which is at most 0: so a tail cluster is scored only for the rows where
 * its cluster entry's log-probability still reaches the k-th best found so far.
 *
 * @param <R> type of log-probabilities
 */
final class ExactTopK<R extends TFloating> {
  /** Classes, best first: ranks and log-probabilities, [rows, k]. */
  record Best<R extends TFloating>(Operand<TInt32> ranks, Operand<R> logProbs) {
    Best<R> ofRows(Ops tf, Operand<TInt64> rows) {
      return new Best<>(Rows.take(tf, ranks, rows), Rows.take(tf, logProbs, rows));
    }

    Best<R> withRows(Ops tf, Operand<TInt64> rows, Best<R> others) {
      Operand<TInt64> where = tf.expandDims(rows, tf.constant(1));
      return new Best<>(
          tf.tensorScatterNdUpdate(ranks, where, others.ranks),
          tf.tensorScatterNdUpdate(logProbs, where, others.logProbs));
    }
  }

  /**
   * What was found, and where it was looked for.
   *
   * @param scored for each tail cluster which rows were scored in it, [N]
   */
  record Found<R extends TFloating>(Best<R> best, List<Operand<TBool>> scored) {}

  private final Clusters<?> clusters;
  private final int k;
  private final double minProbability;

  ExactTopK(Clusters<?> clusters, int k) {
    this(clusters, k, 0);
  }

  /**
   * @param k in 1..nClasses; in 1..shortlistSize, if minProbability is above 0
   * @param minProbability of the cluster entry; where it is less, a tail cluster is not scored even though it may hold one of
   *     the best
   */
  ExactTopK(Clusters<?> clusters, int k, double minProbability) {
    this.clusters = clusters;
    this.k = k;
    this.minProbability = minProbability;
  }

  Found<R> of(Ops tf, BatchScores<R> scores) {
    Operand<R> head = scores.head();
    int shortlist = clusters.shortlistSize();
    Operand<R> ofShortlist =
        clusters.nTails() == 0
            ? head
            : tf.stridedSlice(head, Indices.all(), Indices.range(0, shortlist));
    Best<R> best = topOfCluster(tf, ofShortlist, 0, shortlist);
    List<Operand<TBool>> scored = new ArrayList<>();
    for (int tail = 0; tail < clusters.nTails(); tail++) {
      Operand<R> entry = entry(tf, head, tail);
      if (minProbability > 1) {
        scored.add(tf.fill(tf.shape(entry), tf.constant(false)));
        continue;
      }
      Operand<TBool> reaches = reaches(tf, entry, best, clusters.plan().tailStart(tail));
      Operand<TInt64> rows = Rows.where(tf, reaches);
      Best<R> found = topOfTail(tf, scores, tail, rows, entry);
      Best<R> merged =
          merge(tf, best.ofRows(tf, rows), found, clusters.plan().tailStart(tail), tail);
      best = clusters.plan().tailStart(tail) < k ? merged : best.withRows(tf, rows, merged);
      scored.add(reaches);
    }
    return new Found<>(best, scored);
  }

  /** The log-probability of a tail cluster, [N]. */
  Operand<R> entry(Ops tf, Operand<R> head, int tail) {
    return tf.stridedSlice(head, Indices.all(), Indices.at(clusters.shortlistSize() + tail));
  }

  /** The k-th best log-probability, [N]. */
  Operand<R> kth(Ops tf, Best<R> best) {
    return tf.stridedSlice(best.logProbs, Indices.all(), Indices.at(-1));
  }

  /**
   * Which rows a tail cluster must be scored for, [N].
   *
   * @param seen number of classes among which the best were found: all rows, as long as there are fewer than k
   */
  private Operand<TBool> reaches(Ops tf, Operand<R> entry, Best<R> best, int seen) {
    if (seen < k) {
      return tf.fill(tf.shape(entry), tf.constant(true));
    }
    Operand<TBool> reaches = tf.math.greaterEqual(entry, kth(tf, best));
    if (minProbability == 0) {
      return reaches;
    }
    Operand<R> least = Precision.cast(tf, tf.constant(Math.log(minProbability)), entry.type());
    return tf.math.logicalAnd(reaches, tf.math.greaterEqual(entry, least));
  }

  private Best<R> topOfTail(
      Ops tf, BatchScores<R> scores, int tail, Operand<TInt64> rows, Operand<R> entry) {
    Operand<R> within = scores.tail(tf, tail, rows);
    Operand<R> logProbs =
        tf.math.add(within, tf.expandDims(Rows.take(tf, entry, rows), tf.constant(1)));
    return topOfCluster(
        tf, logProbs, clusters.plan().tailStart(tail), clusters.plan().tailEnd(tail));
  }

  /** The top of one cluster. Equal log-probabilities come in increasing order of class ids, as their columns do. */
  private Best<R> topOfCluster(Ops tf, Operand<R> logProbs, int from, int to) {
    int size = to - from;
    int kept = Math.min(k, size);
    if (clusters.order().isIdentity()) {
      TopColumns<R> top = TopColumns.of(tf, logProbs, size, kept);
      return new Best<>(tf.math.add(top.columns(), tf.constant(from)), top.values());
    }
    Operand<TInt32> byId =
        tf.stridedSlice(clusters.table().ranksWithin(tf, clusters.plan()), Indices.range(from, to));
    Operand<TInt32> columns = tf.math.sub(byId, tf.constant(from));
    TopColumns<R> top = TopColumns.of(tf, tf.gather(logProbs, columns, tf.constant(1)), size, kept);
    return new Best<>(tf.gather(byId, top.columns(), tf.constant(0)), top.values());
  }

  private Best<R> merge(Ops tf, Best<R> best, Best<R> found, int seen, int tail) {
    int candidates = Math.min(k, seen) + Math.min(k, clusters.plan().tailSize(tail));
    Operand<TInt32> ranks = tf.concat(List.of(best.ranks, found.ranks), tf.constant(1));
    Operand<R> logProbs = tf.concat(List.of(best.logProbs, found.logProbs), tf.constant(1));
    if (!clusters.order().isIdentity()) {
      // Ranks are in order already where ids are ranks; other ids must be brought into order, for
      // ties.
      Operand<TInt32> byLabel =
          tf.nn
              .topK(
                  tf.math.neg(clusters.table().placesOfRanks(tf, ranks)),
                  tf.constant(candidates),
                  TInt32.class)
              .indices();
      ranks = Select.columns(tf, ranks, byLabel);
      logProbs = Select.columns(tf, logProbs, byLabel);
    }
    var top = tf.nn.topK(logProbs, tf.constant(Math.min(k, candidates)), TInt32.class);
    return new Best<>(Select.columns(tf, ranks, top.indices()), top.values());
  }
}
