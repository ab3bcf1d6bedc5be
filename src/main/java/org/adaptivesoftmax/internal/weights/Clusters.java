package org.adaptivesoftmax.internal.weights;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.internal.graph.Precision;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * A layer as inference scores it: a head, and tail clusters. A full softmax is a head without tail clusters.
 *
 * @param order the class ids by rank
 * @param ends the first rank after the shortlist, and after each tail cluster
 * @param head scores the shortlist and the cluster entries
 * @param tails in order of rank
 * @param placement where a cluster's products live
 */
public record Clusters<T extends TFloating>(
    LabelOrder order,
    List<Integer> ends,
    Linear<T> head,
    List<Tail<T>> tails,
    Placement placement) {

  /** Puts a cluster's ops on its device. */
  @FunctionalInterface
  public interface Placement {
    /**
     * @param cluster 0 for the head, i for the i-th tail cluster
     */
    Ops place(Ops tf, int cluster);
  }

  public static <T extends TFloating> Clusters<T> of(
      ClusterPlan plan,
      LabelOrder order,
      Linear<T> head,
      List<? extends Tail<T>> tails,
      Placement placement) {
    List<Integer> ends = new ArrayList<>(plan.cutoffs());
    ends.add(plan.nClasses());
    return new Clusters<>(order, List.copyOf(ends), head, List.copyOf(tails), placement);
  }

  public static <T extends TFloating> Clusters<T> headAlone(LabelOrder order, Linear<T> head) {
    return new Clusters<>(order, List.of(order.size()), head, List.of(), (tf, cluster) -> tf);
  }

  public int nClasses() {
    return order.size();
  }

  public int shortlistSize() {
    return ends.get(0);
  }

  public int nTails() {
    return tails.size();
  }

  /** The first rank in a tail cluster, counted from 0. */
  public int tailStart(int tail) {
    return ends.get(tail);
  }

  /** The first rank after a tail cluster, counted from 0. */
  public int tailEnd(int tail) {
    return ends.get(tail + 1);
  }

  public int tailSize(int tail) {
    return tailEnd(tail) - tailStart(tail);
  }

  /** Where the head scores a rank: at itself in the shortlist, else at its tail cluster's entry. */
  public Operand<TInt32> headPlaces(Ops tf, Operand<TInt32> ranks) {
    return headPlaces(tf, ranks, ends.subList(0, nTails()));
  }

  /**
   * As above, of a layer of which only this is known.
   *
   * @param cutoffs the first rank of each tail cluster
   */
  public static Operand<TInt32> headPlaces(Ops tf, Operand<TInt32> ranks, List<Integer> cutoffs) {
    if (cutoffs.isEmpty()) {
      return ranks;
    }
    Operand<TInt32> place = tf.math.minimum(ranks, tf.constant(cutoffs.get(0)));
    for (int start : cutoffs.subList(1, cutoffs.size())) {
      Operand<TBool> beyond = tf.math.greaterEqual(ranks, tf.constant(start));
      place = tf.math.add(place, tf.dtypes.cast(beyond, TInt32.class));
    }
    return place;
  }

  /** [rows, headSize]. */
  public <R extends TFloating> Operand<R> headLogits(Ops tf, Class<R> type, Operand<T> x) {
    Ops placed = placement.place(tf, 0);
    return Precision.cast(placed, head.apply(placed, x), type);
  }

  /**
   * The logits of a tail cluster's classes, [rows, tailSize].
   *
   * @param tail counted from 0
   */
  public <R extends TFloating> Operand<R> tailLogits(
      Ops tf, Class<R> type, int tail, Operand<T> x) {
    Ops placed = placement.place(tf, tail + 1);
    return Precision.cast(placed, tails.get(tail).logits(placed, x), type);
  }
}
