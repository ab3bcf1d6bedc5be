package org.adaptivesoftmax.internal.weights;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * The weights of an adaptive softmax, as training reads them.
 *
 * @param head scores the shortlist and the cluster entries
 * @param tails in order of rank
 * @param placement where a cluster's products live
 */
public record LayerWeights<T extends TFloating>(
    Linear<T> head, List<TailCluster<T>> tails, Clusters.Placement placement) {

  /** The same weights in another type; gradients come back in this one. */
  public <C extends TFloating> LayerWeights<C> in(Ops tf, Class<C> type) {
    List<TailCluster<C>> cast = new ArrayList<>();
    for (int tail = 0; tail < tails.size(); tail++) {
      cast.add(tails.get(tail).in(placement.place(tf, tail + 1), type));
    }
    return new LayerWeights<>(head.in(placement.place(tf, 0), type), cast, placement);
  }
}
