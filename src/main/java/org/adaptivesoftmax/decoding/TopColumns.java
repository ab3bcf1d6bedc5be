package org.adaptivesoftmax.decoding;

import java.util.List;
import org.adaptivesoftmax.internal.graph.Select;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * The k largest values of each row, largest first, equal ones by increasing column: exactly what TopK gives.
 *
 * <p>TopK looks at one value after the other. A maximum looks at several at once, so long rows are cut into blocks: the k
 * blocks with the largest maxima (among equals the first ones) hold the k largest values, since any other value is behind
 * the maxima of k blocks.
 *
 * @param columns [rows, k]
 * @param values [rows, k]
 */
record TopColumns<R extends TFloating>(Operand<TInt32> columns, Operand<R> values) {
  /** Columns per wanted value from which on blocks are faster. */
  private static final int LONG = 100;

  /**
   * @param values [rows, width]
   * @param k in 1..width
   */
  static <R extends TFloating> TopColumns<R> of(Ops tf, Operand<R> values, int width, int k) {
    // TopK takes a maximum itself where one value is wanted.
    return k > 1 && width >= LONG * k
        ? ofBlocks(tf, values, width, k, (int) Math.sqrt(4.0 * width / k))
        : whole(tf, values, k);
  }

  private static <R extends TFloating> TopColumns<R> whole(Ops tf, Operand<R> values, int k) {
    var top = tf.nn.topK(values, tf.constant(k), TInt32.class);
    return new TopColumns<>(top.indices(), top.values());
  }

  /**
   * @param values [rows, width]
   * @param size of a block; there must be k whole blocks at least
   */
  static <R extends TFloating> TopColumns<R> ofBlocks(
      Ops tf, Operand<R> values, int width, int k, int size) {
    int count = width / size;
    int rest = count * size;
    Operand<R> inBlocks = rest == width ? values : columns(tf, values, 0, rest);
    Operand<R> blocks = tf.reshape(inBlocks, tf.constant(new int[] {-1, count, size}));
    Operand<TInt32> chosen = whole(tf, tf.reduceMax(blocks, tf.constant(2)), k).columns;
    // In order of their columns, for ties.
    chosen = tf.math.neg(tf.nn.topK(tf.math.neg(chosen), tf.constant(k), TInt32.class).values());
    Operand<R> candidates =
        tf.reshape(Select.columns(tf, blocks, chosen), tf.constant(new int[] {-1, k * size}));
    if (rest < width) {
      candidates = tf.concat(List.of(candidates, columns(tf, values, rest, width)), tf.constant(1));
      chosen = tf.pad(chosen, tf.constant(new int[][] {{0, 0}, {0, 1}}), tf.constant(count));
    }
    TopColumns<R> top = whole(tf, candidates, k);
    Operand<TInt32> place = tf.math.div(top.columns, tf.constant(size));
    Operand<TInt32> skipped = tf.math.sub(Select.columns(tf, chosen, place), place);
    return new TopColumns<>(
        tf.math.add(top.columns, tf.math.mul(skipped, tf.constant(size))), top.values);
  }

  private static <R extends TFloating> Operand<R> columns(
      Ops tf, Operand<R> values, int from, int to) {
    return tf.stridedSlice(values, Indices.all(), Indices.range(from, to));
  }
}
