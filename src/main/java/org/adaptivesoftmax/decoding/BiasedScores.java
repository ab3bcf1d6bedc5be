package org.adaptivesoftmax.decoding;

import java.util.List;
import org.adaptivesoftmax.internal.graph.Rows;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.op.core.Stack;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * Log-probabilities under a {@link ClassBias}, again as a head and tail clusters, so that whatever bounds a tail class by
 * its cluster entry stays exact. With logits z, and S<sub>i</sub> = Σ<sub>c</sub> exp(z<sub>c</sub> + b<sub>c</sub>) /
 * Σ<sub>c</sub> exp(z<sub>c</sub>) over tail cluster i:
 *
 * <pre>
 * head'    = log softmax(z + b for the shortlist, z + log S_i for the entry of tail cluster i)
 * within'  = log softmax(z + b)
 * </pre>
 *
 * <p>S<sub>i</sub> is 1 unless a row names a class of the cluster: only such rows are scored in it to know S<sub>i</sub>.
 */
final class BiasedScores<T extends TFloating, R extends TFloating> implements BatchScores<R> {
  private final Clusters<T> clusters;
  private final Class<R> type;
  private final Operand<T> x;
  private final Operand<TInt32> ranks;
  private final Operand<R> bias;
  private final NormalizedScores<R> head;

  /**
   * @param x [N, inFeatures]
   * @param ranks of the named classes, [N, m]
   * @param bias of each, [N, m]
   */
  BiasedScores(
      Ops tf,
      Class<R> type,
      Clusters<T> clusters,
      Operand<T> x,
      Operand<TInt32> ranks,
      Operand<R> bias) {
    this.clusters = clusters;
    this.type = type;
    this.x = x;
    this.ranks = ranks;
    this.bias = bias;
    this.head = NormalizedScores.ofBanned(tf, biasedHead(tf));
  }

  @Override
  public NormalizedScores<R> head() {
    return head;
  }

  @Override
  public Operand<R> tailLogits(Ops tf, int tail, Operand<TInt64> rows) {
    Operand<R> named = Rows.take(tf, bias, rows);
    ClusterMembers members = members(tf, tail, Rows.take(tf, ranks, rows), named);
    Operand<R> logits = clusters.tailLogits(tf, type, tail, Rows.take(tf, x, rows));
    return tf.tensorScatterNdAdd(logits, members.cells(tf), tf.gatherNd(named, members.places()));
  }

  @Override
  public NormalizedScores<R> normalized(Ops tf, Operand<R> tailLogits) {
    return NormalizedScores.ofBanned(tf, tailLogits);
  }

  private Operand<R> biasedHead(Ops tf) {
    Operand<R> logits = clusters.headLogits(tf, type, x);
    ClusterMembers shortlist =
        ClusterMembers.of(tf, ranks, isNamed(tf, bias), 0, clusters.shortlistSize());
    Operand<R> biased =
        tf.tensorScatterNdAdd(logits, shortlist.cells(tf), tf.gatherNd(bias, shortlist.places()));
    for (int tail = 0; tail < clusters.nTails(); tail++) {
      ClusterMembers members = members(tf, tail, ranks, bias);
      Operand<TInt64> entry = tf.constant((long) clusters.shortlistSize() + tail);
      Operand<TInt64> entries = tf.fill(tf.shape(members.rows()), entry);
      biased =
          tf.tensorScatterNdAdd(
              biased,
              tf.stack(List.of(members.rows(), entries), Stack.axis(1L)),
              logShare(tf, tail, members));
    }
    return biased;
  }

  /** log S of the rows that name a class of a tail cluster. */
  private Operand<R> logShare(Ops tf, int tail, ClusterMembers members) {
    Operand<R> logits = clusters.tailLogits(tf, type, tail, Rows.take(tf, x, members.rows()));
    Operand<R> biased =
        tf.tensorScatterNdAdd(
            logits, members.cellsAmongRows(tf), tf.gatherNd(bias, members.places()));
    Operand<R> share = tf.math.sub(LogSumExp.of(tf, biased), LogSumExp.of(tf, logits));
    return tf.squeeze(share, Squeeze.axis(List.of(1L)));
  }

  private ClusterMembers members(Ops tf, int tail, Operand<TInt32> named, Operand<R> values) {
    return ClusterMembers.of(
        tf,
        named,
        isNamed(tf, values),
        clusters.plan().tailStart(tail),
        clusters.plan().tailEnd(tail));
  }

  private static <R extends TFloating> Operand<TBool> isNamed(Ops tf, Operand<R> values) {
    return tf.math.notEqual(values, tf.zerosLike(values));
  }
}
