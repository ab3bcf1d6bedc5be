package org.adaptivesoftmax.internal.weights;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * The weights of an output layer, as training reads them.
 *
 * @param head scores the shortlist and the cluster entries
 * @param tails in order of rank
 * @param placement where a cluster's products live
 */
public record LayerWeights<T extends TFloating>(
    Linear<T> head, List<TailCluster<T>> tails, Placement placement) {

  /**
   * Weights under PyTorch's names: {@code head.weight}, perhaps {@code head.bias}, and for each tail cluster i {@code
   * tail.i.0.weight}, {@code tail.i.1.weight} and perhaps {@code tail.i.1.bias}.
   */
  public static <T extends TFloating> LayerWeights<T> of(
      ClusterPlan plan, Map<String, ? extends Operand<T>> byName, Placement placement) {
    List<TailCluster<T>> tails = new ArrayList<>();
    for (int tail = 0; tail < plan.nTails(); tail++) {
      tails.add(
          new TailCluster<>(
              linear(byName, "tail." + tail + ".0"), linear(byName, "tail." + tail + ".1")));
    }
    return new LayerWeights<>(linear(byName, "head"), List.copyOf(tails), placement);
  }

  private static <T extends TFloating> Linear<T> linear(
      Map<String, ? extends Operand<T>> byName, String name) {
    Operand<T> weight = byName.get(name + ".weight");
    return new Linear<>(Objects.requireNonNull(weight, name), byName.get(name + ".bias"));
  }

  /** The same weights in another type; gradients come back in this one. */
  public <C extends TFloating> LayerWeights<C> in(Ops tf, Class<C> type) {
    List<TailCluster<C>> cast = new ArrayList<>();
    for (int tail = 0; tail < tails.size(); tail++) {
      cast.add(tails.get(tail).in(placement.place(tf, tail + 1), type));
    }
    return new LayerWeights<>(head.in(placement.place(tf, 0), type), cast, placement);
  }
}
