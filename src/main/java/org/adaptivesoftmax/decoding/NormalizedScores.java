package org.adaptivesoftmax.decoding;

import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Rows;
import org.adaptivesoftmax.internal.graph.Select;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * A cluster's logits z and what makes log-probabilities of them, so that whoever wants few classes normalizes few:
 *
 * <pre>
 * log p(c) = (z_c − max z) + log max softmax(z)
 * </pre>
 *
 * <p>Neither step can change the order of two logits, but for making them equal, and no log-probability is above 0.
 *
 * @param logits [rows, size]
 * @param max the largest of each row, [rows, 1]
 * @param logTop the log-probability of each row's most probable class, [rows, 1]
 */
record NormalizedScores<R extends TFloating>(Operand<R> logits, Operand<R> max, Operand<R> logTop) {
  /**
   * @param logits finite
   */
  static <R extends TFloating> NormalizedScores<R> of(Ops tf, Operand<R> logits) {
    return new NormalizedScores<>(logits, largest(tf, logits), logTop(tf, logits));
  }

  /**
   * @param logits −∞ for classes that are banned; where a whole row is, so are its log-probabilities
   */
  static <R extends TFloating> NormalizedScores<R> ofBanned(Ops tf, Operand<R> logits) {
    Operand<R> max = largest(tf, logits);
    Operand<R> lowest = Precision.cast(tf, tf.constant(Double.NEGATIVE_INFINITY), logits.type());
    Operand<TBool> some = tf.math.notEqual(max, lowest);
    return new NormalizedScores<>(
        logits, Select.orZero(tf, some, max), Select.orZero(tf, some, logTop(tf, logits)));
  }

  /**
   * log max softmax(z), [rows, 1], which is −log Σ exp(z − max z). A softmax is one fast pass, and no logarithm of a vanishing
   * probability is taken.
   */
  static <R extends TFloating> Operand<R> logTop(Ops tf, Operand<R> logits) {
    return tf.math.log(largest(tf, tf.nn.softmax(logits)));
  }

  private static <R extends TFloating> Operand<R> largest(Ops tf, Operand<R> values) {
    return tf.reduceMax(values, tf.constant(1), ReduceMax.keepDims(true));
  }

  /** Log-probabilities of all classes, [rows, size]. */
  Operand<R> logProbs(Ops tf) {
    return logProbs(tf, logits);
  }

  /**
   * Log-probabilities of some classes.
   *
   * @param chosen their logits, [rows, n]
   */
  Operand<R> logProbs(Ops tf, Operand<R> chosen) {
    return tf.math.add(tf.math.sub(chosen, max), logTop);
  }

  /** Those of some of the rows. */
  NormalizedScores<R> ofRows(Ops tf, Operand<TInt64> rows) {
    return new NormalizedScores<>(
        Rows.take(tf, logits, rows), Rows.take(tf, max, rows), Rows.take(tf, logTop, rows));
  }
}
