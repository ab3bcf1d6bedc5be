package org.adaptivesoftmax.decoding;

import org.adaptivesoftmax.internal.graph.Checks;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TNumber;

/**
 * Random numbers that depend on a row's seed alone, whatever else is in the batch: each row has a stream of SplitMix64
 * (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
 *
 * @param states where each row's stream begins, [N]
 */
record RowRandom(Operand<TInt64> states) {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  /** Of a double's 53 bits one stays unused, so that no product with a number below 1 rounds up to the other factor. */
  private static final int UNIFORM_BITS = 52;

  /**
   * @param seed one for all rows, a scalar, from which each row gets one of its own; or one for each row, [N]
   * @param rows N
   * @throws IllegalArgumentException if the seed is neither int32 nor int64, or neither a scalar nor a vector
   */
  static RowRandom of(Ops tf, Operand<? extends TNumber> seed, Operand<TInt64> rows) {
    Checks.integer(seed, "seed");
    int rank = seed.shape().numDimensions();
    Require.argument(
        rank == 0 || rank == 1, "seed must be a scalar or [N]: shape %s", seed.shape());
    Operand<TInt64> mixed = mix(tf, Precision.cast(tf, seed, TInt64.class));
    if (rank == 1) {
      Operand<TInt32> count = tf.dtypes.cast(rows, TInt32.class);
      return new RowRandom(Checks.oneEach(tf, mixed, count, "seed"));
    }
    Operand<TInt64> row = tf.range(tf.constant(0L), rows, tf.constant(1L));
    return new RowRandom(mix(tf, tf.math.add(mixed, tf.math.mul(row, tf.constant(GOLDEN_GAMMA)))));
  }

  /**
   * A number in [0, 1) for each row, [N].
   *
   * @param draw which of the stream's numbers, counted from 0
   */
  Operand<TFloat64> uniform(Ops tf, int draw) {
    Operand<TInt64> bits = mix(tf, tf.math.add(states, tf.constant((draw + 1L) * GOLDEN_GAMMA)));
    Operand<TInt64> high = shiftRight(tf, bits, Long.SIZE - UNIFORM_BITS);
    return tf.math.mul(
        tf.dtypes.cast(high, TFloat64.class), tf.constant(Math.scalb(1.0, -UNIFORM_BITS)));
  }

  private static Operand<TInt64> mix(Ops tf, Operand<TInt64> value) {
    Operand<TInt64> z = tf.math.mul(folded(tf, value, 30), tf.constant(0xBF58476D1CE4E5B9L));
    z = tf.math.mul(folded(tf, z, 27), tf.constant(0x94D049BB133111EBL));
    return folded(tf, z, 31);
  }

  private static Operand<TInt64> folded(Ops tf, Operand<TInt64> value, int bits) {
    return tf.bitwise.bitwiseXor(value, shiftRight(tf, value, bits));
  }

  /** TensorFlow's shift keeps the sign; this one moves zeros in. */
  private static Operand<TInt64> shiftRight(Ops tf, Operand<TInt64> value, int bits) {
    return tf.bitwise.bitwiseAnd(
        tf.bitwise.rightShift(value, tf.constant((long) bits)), tf.constant(-1L >>> bits));
  }
}
