package org.adaptivesoftmax.decoding;

import java.util.List;
import org.adaptivesoftmax.internal.graph.Precision;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/** Draws by inverting the distribution function, which is summed in float64: float32 would lose rare classes among many. */
final class Categorical {
  private Categorical() {}

  /**
   * Draws one column per row, with probability in proportion to exp(logWeight).
   *
   * @param logWeights [rows, columns]; −∞ is never drawn
   * @param uniform in [0, 1), [rows]
   * @return [rows]
   */
  static <R extends TFloating> Operand<TInt32> draw(
      Ops tf, Operand<R> logWeights, Operand<TFloat64> uniform) {
    Operand<R> max = tf.reduceMax(logWeights, tf.constant(1), ReduceMax.keepDims(true));
    Operand<TFloat64> weights =
        Precision.cast(tf, tf.math.exp(tf.math.sub(logWeights, max)), TFloat64.class);
    Operand<TFloat64> upTo = tf.math.cumsum(weights, tf.constant(1));
    Operand<TFloat64> total = tf.stridedSlice(upTo, Indices.all(), Indices.at(-1));
    Operand<TFloat64> drawn = tf.expandDims(tf.math.mul(uniform, total), tf.constant(1));
    return tf.squeeze(tf.upperBound(upTo, drawn), Squeeze.axis(List.of(1L)));
  }
}
