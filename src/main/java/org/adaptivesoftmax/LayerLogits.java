package org.adaptivesoftmax;

import java.util.List;
import org.adaptivesoftmax.decoding.ClusterLogits;
import org.adaptivesoftmax.internal.weights.Linear;
import org.adaptivesoftmax.internal.weights.Placement;
import org.adaptivesoftmax.internal.weights.Tail;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * What a layer's weights score.
 *
 * @param head scores the shortlist and the cluster entries
 * @param tails in order of rank
 * @param differentiable whether gradients can be asked for
 */
record LayerLogits<T extends TFloating>(
    Linear<T> head, List<? extends Tail<T>> tails, Placement placement, boolean differentiable)
    implements ClusterLogits<T> {
  LayerLogits(Linear<T> head, List<? extends Tail<T>> tails, Placement placement) {
    this(head, tails, placement, true);
  }

  @Override
  public LayerLogits<T> withoutGradient() {
    return new LayerLogits<>(head, tails, placement, false);
  }

  @Override
  public Operand<T> head(Ops tf, Operand<T> x) {
    return differentiable ? head.apply(tf, x) : head.score(tf, x);
  }

  @Override
  public Operand<T> tail(Ops tf, int tail, Operand<T> x) {
    return differentiable ? tails.get(tail).logits(tf, x) : tails.get(tail).scores(tf, x);
  }

  @Override
  public Ops place(Ops tf, int cluster) {
    return placement.place(tf, cluster);
  }
}
