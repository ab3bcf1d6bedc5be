package org.adaptivesoftmax.decoding;

import org.adaptivesoftmax.internal.graph.Rows;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * The model's own log-probabilities.
 *
 * @param clusters the weights
 * @param x [N, inFeatures]
 * @param head log softmax of the head's logits
 */
record ModelScores<T extends TFloating, R extends TFloating>(
    Clusters<T> clusters, Operand<T> x, Operand<R> head) implements BatchScores<R> {
  static <T extends TFloating, R extends TFloating> ModelScores<T, R> of(
      Ops tf, Class<R> type, Clusters<T> clusters, Operand<T> x) {
    return new ModelScores<>(clusters, x, clusters.headLogProbs(tf, type, x));
  }

  @Override
  public Operand<R> tail(Ops tf, int tail, Operand<TInt64> rows) {
    return clusters.tailLogProbs(tf, head.type(), tail, Rows.take(tf, x, rows));
  }
}
