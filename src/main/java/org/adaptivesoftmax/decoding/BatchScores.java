package org.adaptivesoftmax.decoding;

import org.adaptivesoftmax.internal.graph.Rows;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * Log-probabilities of a batch, cluster by cluster. A class of the shortlist has the head's; a class of a tail cluster has
 * its cluster entry's plus its own within the cluster, which is at most 0.
 *
 * @param <R> type of log-probabilities
 */
interface BatchScores<R extends TFloating> {
  /** The head's log-probabilities, [N, headSize]. */
  Operand<R> head();

  /**
   * Log-probabilities within a tail cluster, [rows, tailSize].
   *
   * @param tail counted from 0
   * @param rows which rows of the batch
   */
  Operand<R> tail(Ops tf, int tail, Operand<TInt64> rows);

  /** Those of some rows of the batch, counted anew. */
  static <R extends TFloating> BatchScores<R> ofRows(
      Ops tf, BatchScores<R> all, Operand<TInt64> chosen) {
    Operand<R> head = Rows.take(tf, all.head(), chosen);
    return new BatchScores<>() {
      @Override
      public Operand<R> head() {
        return head;
      }

      @Override
      public Operand<R> tail(Ops scope, int tail, Operand<TInt64> rows) {
        return all.tail(scope, tail, Rows.take(scope, chosen, rows));
      }
    };
  }
}
