package org.adaptivesoftmax.model;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Which tokens of a batch are a text's, and which are padding.
 *
 * @param tokens 1 for a token, 0 for padding, [batch, time]
 * @param added what attention adds to a token's score: 0, and for padding a number that leaves it no weight; [batch, 1, 1,
 *     time]
 * @param batch number of texts, a scalar
 * @param time number of tokens of each, padding included, a scalar
 */
record TokenMask(
    Operand<TFloat32> tokens,
    Operand<TFloat32> added,
    Operand<TInt32> batch,
    Operand<TInt32> time) {
  /** Far below every score, and yet finite, so that a row of nothing but padding has no NaN. */
  private static final float NO_WEIGHT = -1e9f;

  /**
   * @param tokens as above
   */
  static TokenMask of(Ops tf, Operand<TFloat32> tokens) {
    Operand<TInt32> shape = tf.shape(tokens);
    Operand<TFloat32> added =
        tf.math.mul(tf.math.sub(tf.constant(1f), tokens), tf.constant(NO_WEIGHT));
    return new TokenMask(
        tokens,
        tf.expandDims(tf.expandDims(added, tf.constant(1)), tf.constant(1)),
        tf.stridedSlice(shape, Indices.at(0)),
        tf.stridedSlice(shape, Indices.at(1)));
  }

  /** The states with their texts apart, [batch, time, width]. */
  Operand<TFloat32> unflatten(Ops tf, Operand<TFloat32> states, int width) {
    return tf.reshape(states, tf.stack(List.of(batch, time, tf.constant(width))));
  }

  /** The mean state of each text's tokens, [batch, width]. */
  Operand<TFloat32> mean(Ops tf, Operand<TFloat32> states, int width) {
    Operand<TFloat32> weights = tf.expandDims(tokens, tf.constant(2));
    Operand<TFloat32> sum =
        tf.reduceSum(tf.math.mul(unflatten(tf, states, width), weights), tf.constant(1));
    Operand<TFloat32> count = tf.reduceSum(tokens, tf.constant(1), ReduceSum.keepDims(true));
    return tf.math.div(sum, tf.math.maximum(count, tf.constant(1f)));
  }
}
