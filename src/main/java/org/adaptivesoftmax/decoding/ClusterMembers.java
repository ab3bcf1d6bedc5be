package org.adaptivesoftmax.decoding;

import java.util.List;
import org.adaptivesoftmax.internal.graph.Ranks;
import org.adaptivesoftmax.internal.graph.Rows;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Stack;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * Which of the classes that rows name, [N, m], a cluster holds.
 *
 * @param places where they are named: row and column in [N, m], [members, 2]
 * @param rows the rows that name one or more, in increasing order
 * @param column each member's column among the cluster's classes, [members]
 * @param rowAmong each member's row counted among {@code rows}, [members]
 */
record ClusterMembers(
    Operand<TInt64> places,
    Operand<TInt64> rows,
    Operand<TInt64> column,
    Operand<TInt64> rowAmong) {
  /**
   * @param ranks [N, m]
   * @param named which of them count, [N, m]
   * @param start the cluster's first rank
   * @param end the first rank after the cluster
   */
  static ClusterMembers of(
      Ops tf, Operand<TInt32> ranks, Operand<TBool> named, int start, int end) {
    Operand<TBool> member = tf.math.logicalAnd(named, Ranks.between(tf, ranks, start, end));
    Operand<TInt64> places = tf.where(member);
    Operand<TBool> rowNames = tf.reduceAny(member, tf.constant(1));
    Operand<TInt64> upToRow =
        tf.math.cumsum(tf.dtypes.cast(rowNames, TInt64.class), tf.constant(0));
    Operand<TInt64> row = tf.stridedSlice(places, Indices.all(), Indices.at(0));
    return new ClusterMembers(
        places,
        Rows.where(tf, rowNames),
        tf.math.sub(
            tf.dtypes.cast(tf.gatherNd(ranks, places), TInt64.class), tf.constant((long) start)),
        tf.math.sub(Rows.take(tf, upToRow, row), tf.constant(1L)));
  }

  /** Each member's row and column in [N, clusterSize]. */
  Operand<TInt64> cells(Ops tf) {
    return cells(tf, tf.stridedSlice(places, Indices.all(), Indices.at(0)));
  }

  /** Each member's row and column in [rows, clusterSize]. */
  Operand<TInt64> cellsAmongRows(Ops tf) {
    return cells(tf, rowAmong);
  }

  private Operand<TInt64> cells(Ops tf, Operand<TInt64> row) {
    return tf.stack(List.of(row, column), Stack.axis(1L));
  }
}
