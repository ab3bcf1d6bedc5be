package org.adaptivesoftmax.export;

import org.adaptivesoftmax.internal.graph.Precision;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/**
 * Which rows of a request have an answer. A server joins requests, and a failed run fails them all: so a row that has none
 * gets NaN, class −1 and an empty word, and its neighbours their answers.
 *
 * @param answered [batch]
 */
record AnsweredRows(Operand<TBool> answered) {
  /**
   * The rows whose values are all finite.
   *
   * @param matrix [batch, width]
   */
  static AnsweredRows finite(Ops tf, Operand<? extends TFloating> matrix) {
    return new AnsweredRows(tf.reduceAll(tf.math.isFinite(matrix), tf.constant(1)));
  }

  AnsweredRows and(Ops tf, Operand<TBool> others) {
    return new AnsweredRows(tf.math.logicalAnd(answered, others));
  }

  <R extends TFloating> Operand<R> logProbs(Ops tf, Operand<R> logProbs) {
    return orElse(tf, logProbs, Precision.cast(tf, tf.constant(Float.NaN), logProbs.type()));
  }

  Operand<TInt64> classes(Ops tf, Operand<TInt64> classes) {
    return orElse(tf, classes, tf.constant(-1L));
  }

  Operand<TString> words(Ops tf, Operand<TString> words) {
    return orElse(tf, words, tf.constant(""));
  }

  /** Whether each row's answer is proven: that it has none is, too. */
  Operand<TBool> exact(Ops tf, Operand<TBool> exact) {
    return tf.math.logicalOr(exact, tf.math.logicalNot(answered));
  }

  /**
   * The values of these rows, and another one in the others.
   *
   * @param values [batch] or [batch, width]
   * @param other a scalar
   */
  <V extends TType> Operand<V> orElse(Ops tf, Operand<V> values, Operand<V> other) {
    Operand<TBool> rows =
        values.shape().numDimensions() == 1 ? answered : tf.expandDims(answered, tf.constant(1));
    return tf.select(rows, values, other);
  }
}
