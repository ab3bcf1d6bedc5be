package org.adaptivesoftmax.decoding;

import org.adaptivesoftmax.internal.weights.Clusters;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gather;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/** Log-probabilities of the classes that each row names: a row is scored in the head, and in the tail clusters that hold one. */
public final class CandidateScores {
  private CandidateScores() {}

  /**
   * @param ranks [N, m]
   * @return [N, m]
   */
  public static <R extends TFloating> Operand<R> of(
      Ops tf, Clusters<?> clusters, BatchScores<R> scores, Operand<TInt32> ranks) {
    Operand<R> logProb =
        tf.gather(
            scores.head(), clusters.headPlaces(tf, ranks), tf.constant(1), Gather.batchDims(1L));
    Operand<TBool> all = tf.math.equal(ranks, ranks);
    for (int tail = 0; tail < clusters.nTails(); tail++) {
      ClusterMembers members =
          ClusterMembers.of(tf, ranks, all, clusters.tailStart(tail), clusters.tailEnd(tail));
      Operand<R> within = scores.tail(tf, tail, members.rows());
      logProb =
          tf.tensorScatterNdAdd(
              logProb, members.places(), tf.gatherNd(within, members.cellsAmongRows(tf)));
    }
    return logProb;
  }
}
