package org.adaptivesoftmax.decoding;

import org.adaptivesoftmax.internal.graph.Rows;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * The model's own scores.
 *
 * @param clusters the weights
 * @param x [N, inFeatures]
 * @param head the head's
 */
record ModelScores<T extends TFloating, R extends TFloating>(
    Clusters<T> clusters, Operand<T> x, NormalizedScores<R> head) implements BatchScores<R> {
  static <T extends TFloating, R extends TFloating> ModelScores<T, R> of(
      Ops tf, Class<R> type, Clusters<T> clusters, Operand<T> x) {
    Ops placed = clusters.place(tf, 0);
    Operand<R> logits = clusters.headLogits(tf, type, x);
    return new ModelScores<>(clusters, x, NormalizedScores.of(placed, logits));
  }

  @Override
  public Operand<R> tailLogits(Ops tf, int tail, Operand<TInt64> rows) {
    return clusters.tailLogits(tf, head.logits().type(), tail, Rows.take(tf, x, rows));
  }

  @Override
  public NormalizedScores<R> normalized(Ops tf, Operand<R> tailLogits) {
    return NormalizedScores.of(tf, tailLogits);
  }
}
