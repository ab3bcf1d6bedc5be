package org.adaptivesoftmax.internal.graph;

import java.util.List;
import java.util.stream.IntStream;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/** A label order in a graph: from class ids to ranks and back. */
public record ClassTable(LabelOrder order) {
  /** Which of the ids are classes. */
  public Operand<TBool> contains(Ops tf, Operand<TInt64> labels) {
    if (order.isDense()) {
      return tf.math.logicalAnd(
          tf.math.greaterEqual(labels, tf.constant(0L)),
          tf.math.less(labels, tf.constant((long) order.size())));
    }
    return tf.math.equal(
        tf.gather(tf.constant(order.sortedLabels()), place(tf, labels), tf.constant(0)), labels);
  }

  /** The ranks of ids, each of which must be a class. */
  public Operand<TInt32> ranks(Ops tf, Operand<TInt64> labels) {
    if (order.isIdentity()) {
      return tf.dtypes.cast(labels, TInt32.class);
    }
    return tf.gather(
        tf.constant(order.ranksByLabel(0, order.size())), place(tf, labels), tf.constant(0));
  }

  /** Where the classes at ranks stand among the classes in increasing order of their ids. */
  public Operand<TInt32> placesOfRanks(Ops tf, Operand<TInt32> ranks) {
    int[] rankOfPlace = order.ranksByLabel(0, order.size());
    int[] placeOfRank = new int[rankOfPlace.length];
    for (int place = 0; place < rankOfPlace.length; place++) {
      placeOfRank[rankOfPlace[place]] = place;
    }
    return tf.gather(tf.constant(placeOfRank), ranks, tf.constant(0));
  }

  /** The ids at ranks. */
  public Operand<TInt64> labels(Ops tf, Operand<TInt32> ranks) {
    return order.isIdentity()
        ? tf.dtypes.cast(ranks, TInt64.class)
        : tf.gather(tf.constant(byRank()), ranks, tf.constant(0));
  }

  /** Where each id stands among the classes in increasing order; anywhere, if it is no class. */
  public Operand<TInt32> place(Ops tf, Operand<TInt64> labels) {
    if (order.isDense()) {
      return tf.dtypes.cast(labels, TInt32.class);
    }
    Operand<TInt32> found =
        tf.squeeze(
            tf.lowerBound(
                tf.expandDims(tf.constant(order.sortedLabels()), tf.constant(0)),
                tf.expandDims(labels, tf.constant(0))),
            Squeeze.axis(List.of(0L)));
    return tf.math.minimum(found, tf.constant(order.size() - 1));
  }

  private long[] byRank() {
    return IntStream.range(0, order.size()).mapToLong(order::label).toArray();
  }
}
