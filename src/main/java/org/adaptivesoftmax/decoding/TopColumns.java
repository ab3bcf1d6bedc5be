package org.adaptivesoftmax.decoding;

import java.util.List;
import java.util.function.UnaryOperator;
import org.adaptivesoftmax.internal.graph.Select;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * The k largest scores of each row, largest first, equal ones by increasing column: exactly what TopK gives of the scores of
 * all values. A score grows with its value, so that few values are scored.
 *
 * <p>TopK looks at one value after the other. A maximum looks at several at once, so long rows are cut into blocks: the k
 * blocks whose maxima score highest (among equals the first ones) hold the k highest scores, since any other value is behind
 * the maxima of k blocks.
 *
 * @param columns [rows, k]
 * @param scores [rows, k]
 */
record TopColumns<R extends TFloating>(Operand<TInt32> columns, Operand<R> scores) {
  /**
   * @param rows at least k whole blocks
   * @param k in 1..width
   * @param score of values in the same rows, [rows, n] for any n; it never falls where values rise
   */
  static <R extends TFloating> TopColumns<R> of(
      Ops tf, RowBlocks<R> rows, int k, UnaryOperator<Operand<R>> score) {
    TopColumns<R> ofMaxima = whole(tf, score.apply(rows.maxima()), k);
    if (rows.size() == 1) {
      return ofMaxima;
    }
    int size = rows.size();
    Operand<TInt32> chosen = ofMaxima.columns;
    // In order of their columns, for ties.
    chosen = tf.math.neg(tf.nn.topK(tf.math.neg(chosen), tf.constant(k), TInt32.class).values());
    Operand<R> candidates =
        tf.reshape(
            Select.columns(tf, rows.blocks(tf), chosen), tf.constant(new int[] {-1, k * size}));
    if (rows.hasRest()) {
      candidates = tf.concat(List.of(candidates, rows.rest(tf)), tf.constant(1));
      chosen = tf.pad(chosen, tf.constant(new int[][] {{0, 0}, {0, 1}}), tf.constant(rows.count()));
    }
    TopColumns<R> top = whole(tf, score.apply(candidates), k);
    Operand<TInt32> place = tf.math.div(top.columns, tf.constant(size));
    Operand<TInt32> skipped = tf.math.sub(Select.columns(tf, chosen, place), place);
    return new TopColumns<>(
        tf.math.add(top.columns, tf.math.mul(skipped, tf.constant(size))), top.scores);
  }

  private static <R extends TFloating> TopColumns<R> whole(Ops tf, Operand<R> scores, int k) {
    var top = tf.nn.topK(scores, tf.constant(k), TInt32.class);
    return new TopColumns<>(top.indices(), top.values());
  }
}
