package org.adaptivesoftmax.decoding;

import java.util.List;
import org.adaptivesoftmax.decoding.ExactTopK.Found;
import org.adaptivesoftmax.internal.graph.Rows;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Stack;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * What is known of a top k that left tail clusters out.
 *
 * @param exact whether each row's answer is proven, [N]
 * @param unseen probability of the tail clusters that a row was not scored in, [N]
 * @param scored which tail clusters a row was scored in, [N, nTails]
 */
record Pruning<R extends TFloating>(
    Operand<TBool> exact, Operand<R> unseen, Operand<TBool> scored) {
  static <R extends TFloating> Pruning<R> of(Ops tf, Found<R> found) {
    Operand<R> kth = ExactTopK.kth(tf, found.best());
    Operand<R> unseen = tf.zerosLike(kth);
    Operand<TBool> exact = tf.fill(tf.shape(kth), tf.constant(true));
    for (int tail = 0; tail < found.scored().size(); tail++) {
      Operand<R> entry = ExactTopK.entry(tf, found.entries(), tail);
      Operand<TBool> scored = found.scored().get(tail);
      unseen = tf.math.add(unseen, tf.select(scored, tf.zerosLike(entry), tf.math.exp(entry)));
      exact = tf.math.logicalAnd(exact, tf.math.logicalOr(scored, tf.math.less(entry, kth)));
    }
    return new Pruning<>(
        exact, unseen, columns(tf, found.scored(), Rows.count(tf, found.entries())));
  }

  private static Operand<TBool> columns(
      Ops tf, List<Operand<TBool>> columns, Operand<TInt32> rows) {
    return columns.isEmpty()
        ? tf.fill(tf.stack(List.of(rows, tf.constant(0))), tf.constant(false))
        : tf.stack(columns, Stack.axis(1L));
  }
}
