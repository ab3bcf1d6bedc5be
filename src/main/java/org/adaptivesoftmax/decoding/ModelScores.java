package org.adaptivesoftmax.decoding;

import org.adaptivesoftmax.internal.graph.Rows;
import org.adaptivesoftmax.internal.weights.Clusters;
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
public record ModelScores<T extends TFloating, R extends TFloating>(
    Clusters<T> clusters, Operand<T> x, Operand<R> head) implements BatchScores<R> {
  public static <T extends TFloating, R extends TFloating> ModelScores<T, R> of(
      Ops tf, Class<R> type, Clusters<T> clusters, Operand<T> x) {
    Operand<R> logits = clusters.headLogits(tf, type, x);
    return new ModelScores<>(clusters, x, clusters.placement().place(tf, 0).nn.logSoftmax(logits));
  }

  @Override
  public Operand<R> tail(Ops tf, int tail, Operand<TInt64> rows) {
    Operand<R> logits = clusters.tailLogits(tf, head.type(), tail, Rows.take(tf, x, rows));
    return clusters.placement().place(tf, tail + 1).nn.logSoftmax(logits);
  }
}
