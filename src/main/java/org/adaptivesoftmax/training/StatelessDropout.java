package org.adaptivesoftmax.training;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * Dropout (Srivastava et al., 2014) whose choice depends on the seed and the step's number alone, so that a resumed run
 * drops what the uninterrupted one would.
 *
 * @param rate probability that a value is dropped
 * @param seed of all choices
 * @param step the step's number, a scalar
 */
record StatelessDropout(double rate, long seed, Operand<TInt64> step) {
  /** Far from the next seed that a user may choose. */
  private static final long REPLICA_SEEDS = 1_000_003;

  /** Replicas drop different values; the first drops what a training by itself would. */
  static StatelessDropout of(double rate, long seed, Operand<TInt64> step, Replica replica) {
    return new StatelessDropout(rate, seed + replica.index() * REPLICA_SEEDS, step);
  }

  /**
   * What is kept in one place of the model.
   *
   * @param factors 0 or 1 / (1 − rate) per value; null if nothing is dropped
   */
  record Mask(@Nullable Operand<TFloat32> factors) {
    /** Drops values, or their gradients. */
    Operand<TFloat32> apply(Ops tf, Operand<TFloat32> values) {
      return factors == null ? values : tf.math.mul(values, factors);
    }
  }

  /**
   * Chooses what is kept of values.
   *
   * @param place number of the place in the model, to drop something else in each
   */
  Mask mask(Ops tf, Operand<TFloat32> values, int place) {
    return rate == 0 ? new Mask(null) : new Mask(factors(tf, tf.shape(values), place));
  }

  /**
   * What is kept of values of some shape: 0 or 1 / (1 − rate) for each.
   *
   * @param place as in {@link #mask}
   */
  Operand<TFloat32> factors(Ops tf, Operand<TInt32> shape, int place) {
    Operand<TInt64> key = tf.constant(seed * 31 + place);
    Operand<TFloat32> drawn = tf.random.statelessRandomUniform(shape, tf.stack(List.of(key, step)));
    Operand<TFloat32> kept =
        tf.dtypes.cast(tf.math.greaterEqual(drawn, tf.constant((float) rate)), TFloat32.class);
    return tf.math.mul(kept, tf.constant((float) (1 / (1 - rate))));
  }
}
