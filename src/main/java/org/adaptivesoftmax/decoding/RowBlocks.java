package org.adaptivesoftmax.decoding;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.adaptivesoftmax.internal.graph.Rows;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * Rows of values cut into blocks of columns, and the largest value of each block. A maximum looks at several values at once,
 * so that this pass costs little more than reading.
 *
 * @param values [rows, width]
 * @param size of a block
 * @param maxima of the whole blocks, [rows, count]
 */
record RowBlocks<R extends TFloating>(Operand<R> values, int width, int size, Operand<R> maxima) {
  /** Columns, and columns per wanted value, from which on blocks are faster. */
  private static final int LONG = 1000;

  private static final int LONG_PER_VALUE = 100;

  /**
   * @param values [rows, width]
   * @param size of a block, in 1..width
   */
  static <R extends TFloating> RowBlocks<R> of(Ops tf, Operand<R> values, int width, int size) {
    Operand<R> maxima = tf.reduceMax(blocks(tf, values, width, size), tf.constant(2));
    return new RowBlocks<>(values, width, size, maxima);
  }

  /** Blocks in which the k largest values are found fastest; of one column, if that is without blocks. */
  static <R extends TFloating> RowBlocks<R> forTop(Ops tf, Operand<R> values, int width, int k) {
    return width >= Math.max(LONG, LONG_PER_VALUE * k)
        ? of(tf, values, width, sizeNear((int) Math.sqrt(4.0 * width / k), width))
        : new RowBlocks<>(values, width, 1, values);
  }

  /**
   * A size that leaves no rest, if there is one between half and twice the wanted: a rest costs a copy of the other columns.
   */
  private static int sizeNear(int wanted, int width) {
    return IntStream.rangeClosed((wanted + 1) / 2, 2 * wanted)
        .filter(size -> width % size == 0)
        .boxed()
        .min(Comparator.comparingDouble(size -> Math.abs(Math.log((double) size / wanted))))
        .orElse(wanted);
  }

  /** Number of whole blocks. */
  int count() {
    return width / size;
  }

  /** Whether columns follow the last whole block. */
  boolean hasRest() {
    return width % size > 0;
  }

  /** The whole blocks, [rows, count, size]. */
  Operand<R> blocks(Ops tf) {
    return blocks(tf, values, width, size);
  }

  /** The columns after the last whole block, [rows, fewer than size]. */
  Operand<R> rest(Ops tf) {
    return columns(tf, values, count() * size, width);
  }

  /**
   * What a softmax gives each row's largest value at most, as a logarithm, [rows, 1]: what it gives it among the blocks' largest
   * alone.
   */
  Operand<R> logTopAtMost(Ops tf) {
    Operand<R> largest =
        hasRest()
            ? tf.concat(
                List.of(maxima, tf.reduceMax(rest(tf), tf.constant(1), ReduceMax.keepDims(true))),
                tf.constant(1))
            : maxima;
    return NormalizedScores.logTop(tf, largest);
  }

  /** Some of the rows. */
  RowBlocks<R> ofRows(Ops tf, Operand<TInt64> rows) {
    return new RowBlocks<>(Rows.take(tf, values, rows), width, size, Rows.take(tf, maxima, rows));
  }

  private static <R extends TFloating> Operand<R> blocks(
      Ops tf, Operand<R> values, int width, int size) {
    int whole = width / size * size;
    return tf.reshape(
        whole == width ? values : columns(tf, values, 0, whole),
        tf.constant(new int[] {-1, width / size, size}));
  }

  private static <R extends TFloating> Operand<R> columns(
      Ops tf, Operand<R> values, int from, int to) {
    return tf.stridedSlice(values, Indices.all(), Indices.range(from, to));
  }
}
