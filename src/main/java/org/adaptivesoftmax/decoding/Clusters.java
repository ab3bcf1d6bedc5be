package org.adaptivesoftmax.decoding;

import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.internal.graph.ClassTable;
import org.adaptivesoftmax.internal.graph.Precision;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * A layer as its predictions see it: a head, and tail clusters. A full softmax is a head without tail clusters.
 *
 * @param order the class ids by rank
 * @param logits scores the head and the tail clusters
 */
record Clusters<T extends TFloating>(ClusterPlan plan, LabelOrder order, ClusterLogits<T> logits) {
  int nClasses() {
    return plan.nClasses();
  }

  int shortlistSize() {
    return plan.shortlistSize();
  }

  int nTails() {
    return plan.nTails();
  }

  /** The class ids by rank, in the graph. */
  ClassTable table() {
    return new ClassTable(order);
  }

  /** Ops where a cluster lives: 0 for the head, i for the i-th tail cluster. */
  Ops place(Ops tf, int cluster) {
    return logits.place(tf, cluster);
  }

  /** [rows, headSize]. */
  <R extends TFloating> Operand<R> headLogits(Ops tf, Class<R> type, Operand<T> x) {
    Ops placed = logits.place(tf, 0);
    return Precision.cast(placed, logits.head(placed, x), type);
  }

  /** The logits of the classes of a tail cluster, counted from 0, [rows, tailSize]. */
  <R extends TFloating> Operand<R> tailLogits(Ops tf, Class<R> type, int tail, Operand<T> x) {
    Ops placed = logits.place(tf, tail + 1);
    return Precision.cast(placed, logits.tail(placed, tail, x), type);
  }
}
