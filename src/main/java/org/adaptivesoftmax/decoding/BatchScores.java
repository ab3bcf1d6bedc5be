package org.adaptivesoftmax.decoding;

import org.adaptivesoftmax.internal.graph.Rows;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * Scores of a batch, cluster by cluster. A class of the shortlist has the head's log-probability; a class of a tail cluster
 * has its cluster entry's plus its own within the cluster, which is at most 0.
 *
 * @param <R> type of log-probabilities
 */
interface BatchScores<R extends TFloating> {
  /** The head's scores, [N, headSize]. */
  NormalizedScores<R> head();

  /**
   * Logits within a tail cluster, [rows, tailSize].
   *
   * @param tail counted from 0
   * @param rows which rows of the batch
   */
  Operand<R> tailLogits(Ops tf, int tail, Operand<TInt64> rows);

  /** What makes log-probabilities of a tail cluster's logits. */
  NormalizedScores<R> normalized(Ops tf, Operand<R> tailLogits);

  /** The head's log-probabilities, [N, headSize]. */
  default Operand<R> headLogProbs(Ops tf) {
    return head().logProbs(tf);
  }

  /** Log-probabilities within a tail cluster, [rows, tailSize]; arguments as above. */
  default Operand<R> tailLogProbs(Ops tf, int tail, Operand<TInt64> rows) {
    return normalized(tf, tailLogits(tf, tail, rows)).logProbs(tf);
  }

  /** Those of some rows of the batch, counted anew. */
  static <R extends TFloating> BatchScores<R> ofRows(
      Ops tf, BatchScores<R> all, Operand<TInt64> chosen) {
    NormalizedScores<R> head = all.head().ofRows(tf, chosen);
    return new BatchScores<>() {
      @Override
      public NormalizedScores<R> head() {
        return head;
      }

      @Override
      public Operand<R> tailLogits(Ops scope, int tail, Operand<TInt64> rows) {
        return all.tailLogits(scope, tail, Rows.take(scope, chosen, rows));
      }

      @Override
      public NormalizedScores<R> normalized(Ops scope, Operand<R> tailLogits) {
        return all.normalized(scope, tailLogits);
      }
    };
  }
}
