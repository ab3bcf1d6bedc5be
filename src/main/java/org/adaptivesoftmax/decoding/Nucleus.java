package org.adaptivesoftmax.decoding;

import org.adaptivesoftmax.decoding.ExactTopK.Best;
import org.adaptivesoftmax.internal.graph.Precision;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.math.Cumsum;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TFloating;

/**
 * The log-weights of a row's best classes, tempered, and −∞ for those beyond the share top-p: a class belongs to it while
 * the classes before it hold less than that share.
 */
record Nucleus<R extends TFloating>(Ops tf, SampleOptions options) {
  /** How many classes are looked at before a row is sorted whole. */
  static final int USUAL_SIZE = 1024;

  /** Where the best classes are all there are: their probabilities sum to 1. */
  Operand<R> ofAll(Best<R> best) {
    Operand<R> weights = logWeights(best);
    return of(best, LogSumExp.of(tf, weights));
  }

  /**
   * @param normalizer log Σ p^β over all classes, [rows, 1]
   */
  Operand<R> of(Best<R> best, Operand<R> normalizer) {
    Operand<R> weights = logWeights(best);
    if (options.topP().isEmpty()) {
      return weights;
    }
    Operand<TFloat64> before =
        tf.math.cumsum(probabilities(weights, normalizer), tf.constant(1), Cumsum.exclusive(true));
    Operand<R> lowest = Precision.cast(tf, tf.constant(Double.NEGATIVE_INFINITY), weights.type());
    return tf.select(tf.math.less(before, share()), weights, lowest);
  }

  /** Whether the share reaches beyond the best classes, [rows]. */
  Operand<TBool> exceeds(Best<R> best, Operand<R> normalizer) {
    Operand<TFloat64> upTo =
        tf.math.cumsum(probabilities(logWeights(best), normalizer), tf.constant(1));
    return tf.math.less(tf.stridedSlice(upTo, Indices.all(), Indices.at(-1)), share());
  }

  private Operand<R> logWeights(Best<R> best) {
    return options.isTempered()
        ? tf.math.mul(
            best.logProbs(),
            Precision.cast(tf, tf.constant(options.sharpness()), best.logProbs().type()))
        : best.logProbs();
  }

  private Operand<TFloat64> probabilities(Operand<R> weights, Operand<R> normalizer) {
    return Precision.cast(tf, tf.math.exp(tf.math.sub(weights, normalizer)), TFloat64.class);
  }

  private Operand<TFloat64> share() {
    return tf.constant(options.topP().orElse(1));
  }
}
