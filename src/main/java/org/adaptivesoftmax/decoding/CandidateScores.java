package org.adaptivesoftmax.decoding;

import org.adaptivesoftmax.internal.graph.Ranks;
import org.adaptivesoftmax.internal.graph.Select;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/** Log-probabilities of the classes that each row names: a row is scored in the head, and in the tail clusters that hold one. */
final class CandidateScores {
  private CandidateScores() {}

  /**
   * @param ranks [N, m]
   * @return [N, m]
   */
  static <R extends TFloating> Operand<R> of(
      Ops tf, Clusters<?> clusters, BatchScores<R> scores, Operand<TInt32> ranks) {
    Operand<R> logProb =
        Select.columns(tf, scores.headLogProbs(tf), Ranks.inHead(tf, clusters.plan(), ranks));
    Operand<TBool> all = tf.math.equal(ranks, ranks);
    for (int tail = 0; tail < clusters.nTails(); tail++) {
      ClusterMembers members =
          ClusterMembers.of(
              tf, ranks, all, clusters.plan().tailStart(tail), clusters.plan().tailEnd(tail));
      Operand<R> within = scores.tailLogProbs(tf, tail, members.rows());
      logProb =
          tf.tensorScatterNdAdd(
              logProb, members.places(), tf.gatherNd(within, members.cellsAmongRows(tf)));
    }
    return logProb;
  }
}
