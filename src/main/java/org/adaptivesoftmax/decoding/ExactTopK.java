package org.adaptivesoftmax.decoding;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Rows;
import org.adaptivesoftmax.internal.graph.Select;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * The exact top k of an adaptive softmax without the full distribution. A class of a tail cluster has its cluster entry's
 * log-probability plus its own within the cluster, which is at most 0: so a tail cluster is scored only for the rows where
 * its cluster entry's log-probability still reaches the k-th best found so far. Of what was scored, only the rows whose best
 * class in the cluster still reaches it are normalized, and of those only the classes that may be among the best.
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
   * @param entries the tail clusters' log-probabilities, [N, nTails]
   * @param scored for each tail cluster which rows were scored in it, [N]
   */
  record Found<R extends TFloating>(
      Best<R> best, Operand<R> entries, List<Operand<TBool>> scored) {}

  /** Classes of a tail cluster from which on it pays to ask again, once they are scored, which rows it matters to. */
  private static final int LONG = 8000;

  /** More than the rounding of a sum of exponentials in float32 adds to its logarithm. */
  private static final double SUM_ERROR = 0.01;

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
    NormalizedScores<R> head = scores.head();
    int shortlist = clusters.shortlistSize();
    int headSize = shortlist + clusters.nTails();
    Operand<R> ofShortlist =
        headSize == shortlist ? head.logits() : columns(tf, head.logits(), 0, shortlist);
    Best<R> best =
        top(
            tf,
            RowBlocks.forTop(tf, ofShortlist, shortlist, k),
            0,
            logits -> head.logProbs(tf, logits));
    Operand<R> entries = head.logProbs(tf, columns(tf, head.logits(), shortlist, headSize));
    List<Operand<TBool>> scored = new ArrayList<>();
    for (int tail = 0; tail < clusters.nTails(); tail++) {
      Operand<R> entry = entry(tf, entries, tail);
      if (minProbability > 1) {
        scored.add(tf.fill(tf.shape(entry), tf.constant(false)));
        continue;
      }
      Operand<TBool> reaches = reaches(tf, entry, best, clusters.plan().tailStart(tail));
      best = withTail(tf, scores, tail, Rows.where(tf, reaches), entry, best);
      scored.add(reaches);
    }
    return new Found<>(best, entries, scored);
  }

  /** The log-probability of a tail cluster, [N]. */
  static <R extends TFloating> Operand<R> entry(Ops tf, Operand<R> entries, int tail) {
    return tf.stridedSlice(entries, Indices.all(), Indices.at(tail));
  }

  /** The k-th best log-probability, [N]. */
  static <R extends TFloating> Operand<R> kth(Ops tf, Best<R> best) {
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

  /** The best of all rows, with those of a tail cluster for the rows that are scored in it. */
  private Best<R> withTail(
      Ops tf,
      BatchScores<R> scores,
      int tail,
      Operand<TInt64> scored,
      Operand<R> entry,
      Best<R> best) {
    int from = clusters.plan().tailStart(tail);
    int size = clusters.plan().tailSize(tail);
    RowBlocks<R> blocks = RowBlocks.forTop(tf, scores.tailLogits(tf, tail, scored), size, k);
    Operand<TInt64> rows = scored;
    if (from >= k && size >= LONG && blocks.size() > 1) {
      Operand<TInt64> open = Rows.where(tf, stillReaches(tf, blocks, rows, entry, best));
      blocks = blocks.ofRows(tf, open);
      rows = Rows.take(tf, rows, open);
    }
    NormalizedScores<R> within = scores.normalized(tf, blocks.values());
    Operand<R> ofEntry = Select.asColumn(tf, Rows.take(tf, entry, rows));
    Best<R> found =
        top(tf, blocks, from, logits -> tf.math.add(within.logProbs(tf, logits), ofEntry));
    Best<R> merged = merge(tf, best.ofRows(tf, rows), found, from, tail);
    return from < k ? merged : best.withRows(tf, rows, merged);
  }

  /**
   * Which of the scored rows the tail cluster's best class may still be among the best of, [rows]: the entry's log-probability
   * and a bound of that class's within the cluster tell it before anything is normalized.
   */
  private Operand<TBool> stillReaches(
      Ops tf, RowBlocks<R> blocks, Operand<TInt64> rows, Operand<R> entry, Best<R> best) {
    Operand<R> slack = Precision.cast(tf, tf.constant(SUM_ERROR), entry.type());
    Operand<R> within = tf.squeeze(blocks.logTopAtMost(tf), Squeeze.axis(List.of(1L)));
    Operand<R> bound = tf.math.add(Rows.take(tf, entry, rows), tf.math.add(within, slack));
    // Not less, rather than at least: where all classes are banned, the bound is not a number.
    return tf.math.logicalNot(tf.math.less(bound, Rows.take(tf, kth(tf, best), rows)));
  }

  /**
   * The top of one cluster. Equal log-probabilities come in increasing order of class ids, as their columns do.
   *
   * @param cluster its logits
   * @param from its first rank
   * @param logProb of logits
   */
  private Best<R> top(Ops tf, RowBlocks<R> cluster, int from, UnaryOperator<Operand<R>> logProb) {
    int size = cluster.width();
    int kept = Math.min(k, size);
    if (clusters.order().isIdentity()) {
      TopColumns<R> top = TopColumns.of(tf, cluster, kept, logProb);
      return new Best<>(tf.math.add(top.columns(), tf.constant(from)), top.scores());
    }
    Operand<TInt32> byId =
        tf.stridedSlice(
            clusters.table().ranksWithin(tf, clusters.plan()), Indices.range(from, from + size));
    Operand<TInt32> inOrder = tf.math.sub(byId, tf.constant(from));
    Operand<R> logits = tf.gather(cluster.values(), inOrder, tf.constant(1));
    TopColumns<R> top = TopColumns.of(tf, RowBlocks.forTop(tf, logits, size, k), kept, logProb);
    return new Best<>(tf.gather(byId, top.columns(), tf.constant(0)), top.scores());
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

  private static <R extends TFloating> Operand<R> columns(
      Ops tf, Operand<R> values, int from, int to) {
    return tf.stridedSlice(values, Indices.all(), Indices.range(from, to));
  }
}
