package org.adaptivesoftmax.internal.graph;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Constant;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TType;

/**
 * A label order in a graph: from class ids to ranks and back.
 *
 * <p>A graph holds one table for each order, however many layers and calls use it: its constants bear the order's
 * fingerprint in their names, and are made by the first that needs them. They take up to 12 bytes a class, and 8 more if the ids
 * are not 0..n−1; where ids are ranks there is no table.
 */
public record ClassTable(LabelOrder order) {
  /** Which of the ids are classes. */
  public Operand<TBool> contains(Ops tf, Operand<TInt64> ids) {
    if (order.isDense()) {
      return tf.math.logicalAnd(
          tf.math.greaterEqual(ids, tf.constant(0L)),
          tf.math.less(ids, tf.constant((long) order.size())));
    }
    return tf.math.equal(tf.gather(sorted(tf), places(tf, ids), tf.constant(0)), ids);
  }

  /** The ranks of ids, each of which must be a class. */
  public Operand<TInt32> ranks(Ops tf, Operand<TInt64> ids) {
    return order.isIdentity()
        ? tf.dtypes.cast(ids, TInt32.class)
        : tf.gather(ranksByPlace(tf), places(tf, ids), tf.constant(0));
  }

  /** The ids at ranks. */
  public Operand<TInt64> ids(Ops tf, Operand<TInt32> ranks) {
    Operand<TInt32> places = placesOfRanks(tf, ranks);
    return order.isDense()
        ? tf.dtypes.cast(places, TInt64.class)
        : tf.gather(sorted(tf), places, tf.constant(0));
  }

  /** Where the classes at ranks stand among the classes in increasing order of their ids. */
  public Operand<TInt32> placesOfRanks(Ops tf, Operand<TInt32> ranks) {
    return order.isIdentity()
        ? ranks
        : tf.gather(
            shared(tf, "place_by_rank", ops -> ops.constant(order.placesByRank())),
            ranks,
            tf.constant(0));
  }

  /** Where each id stands among the classes in increasing order; anywhere, if it is no class. */
  public Operand<TInt32> places(Ops tf, Operand<TInt64> ids) {
    if (order.isDense()) {
      return tf.dtypes.cast(ids, TInt32.class);
    }
    Operand<TInt32> found =
        tf.squeeze(
            tf.lowerBound(
                tf.expandDims(sorted(tf), tf.constant(0)), tf.expandDims(ids, tf.constant(0))),
            Squeeze.axis(List.of(0L)));
    return tf.math.minimum(found, tf.constant(order.size() - 1));
  }

  /** The ranks of all classes in increasing order of their ids. */
  public Operand<TInt32> ranksByPlace(Ops tf) {
    return shared(tf, "rank_by_place", ops -> ops.constant(order.ranksByPlace()));
  }

  /**
   * The ranks of all classes, cluster after cluster, within each in increasing order of their ids.
   *
   * @param plan the clusters, of as many classes
   */
  public Operand<TInt32> ranksWithin(Ops tf, ClusterPlan plan) {
    String clusters = plan.cutoffs().stream().map(c -> "_" + c).collect(Collectors.joining());
    return shared(tf, "rank_within" + clusters, ops -> ops.constant(order.ranksWithin(plan)));
  }

  private Operand<TInt64> sorted(Ops tf) {
    return shared(tf, "sorted", ops -> ops.constant(order.sortedLabels()));
  }

  private <V extends TType> Operand<V> shared(
      Ops tf, String part, Function<Ops, Constant<V>> made) {
    if (!(tf.scope().env() instanceof Graph graph)) {
      return made.apply(tf);
    }
    // No name scope: the graph would give each further one of its name another name. And no
    // underscore before the fingerprint: Graph.importGraphDef reads digits after one as an int.
    String name = "label_order." + order.fingerprint() + "." + part;
    GraphOperation found = graph.operation(name);
    return found != null ? found.<V>output(0) : made.apply(Ops.create(graph).withName(name));
  }
}
