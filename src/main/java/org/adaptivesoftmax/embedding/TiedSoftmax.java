package org.adaptivesoftmax.embedding;

import java.util.Objects;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.family.TFloating;

/**
 * A softmax whose variables an embedding shares.
 *
 * @param softmax the owner of the shared variables
 * @param tying which are shared
 */
record TiedSoftmax<T extends TFloating>(AdaptiveSoftmax<T> softmax, Tying tying) {
  /** The class rows of the head, if the cluster is 0, or of the i-th tail cluster. */
  Variable<T> classRows(int cluster) {
    return parameter(cluster == 0 ? "head.weight" : "tail." + (cluster - 1) + ".1.weight");
  }

  /** The projection of the i-th tail cluster, counted from 1, [width, inFeatures]. */
  Variable<T> projection(int cluster) {
    return parameter("tail." + (cluster - 1) + ".0.weight");
  }

  /** Whether the embedding's projection of a cluster is the softmax's. */
  boolean sharesProjection(int cluster) {
    return tying.projections && cluster > 0;
  }

  /**
   * @throws IllegalArgumentException if an embedding with these settings, built by {@code tf}, cannot share the variables
   */
  void requireFitting(Ops tf, Class<T> type, ClusterPlan plan, LabelOrder order) {
    Variable<T> head = classRows(0);
    Require.argument(
        head.type() == type,
        "tied layers must have one type: embedding %s, softmax %s",
        type.getSimpleName(),
        head.type().getSimpleName());
    Require.argument(
        head.op().env() == tf.scope().env(),
        "tied layers must be in one graph: the softmax's %s is in another",
        head.op().name());
    Require.argument(
        plan.equals(softmax.plan()),
        "tied layers must have one plan: embedding %s, softmax %s",
        plan,
        softmax.plan());
    for (int rank = 0; rank < order.size(); rank++) {
      Require.argument(
          order.label(rank) == softmax.labelOrder().label(rank),
          "tied layers must have one labelOrder: rank %d is id %d in the embedding, %d in the softmax",
          rank,
          order.label(rank),
          softmax.labelOrder().label(rank));
    }
  }

  private Variable<T> parameter(String name) {
    return Objects.requireNonNull(softmax.parameters().get(name), name);
  }
}
