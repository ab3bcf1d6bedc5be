package org.adaptivesoftmax.loss;

import java.util.List;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Select;
import org.adaptivesoftmax.internal.weights.Linear;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * The same as {@link RowLogProb} with gradients whose upstream is known already, in ops that XLA compiles: the log-softmax
 * of z = x Wᵀ + b at one target per row, and the gradients of Σ a log p<sub>t</sub> + m (mean log p) over the rows.
 *
 * <pre>
 * g  = a · 1[target] + m / C − (a + m) softmax(z)
 * dx = g W,  dW = gᵀ x,  db = gᵀ 1
 * </pre>
 *
 * @param target log-probability of each row's target, [rows]
 * @param mean mean log-probability of each row's classes, [rows]; null without m
 * @param byInput dx, [rows, width]
 * @param byWeight dW, [classes, width]
 * @param byBias db, [classes]; null without a bias
 */
record SoftmaxBlock<R extends TFloating>(
    Operand<R> target,
    @Nullable Operand<R> mean,
    Operand<R> byInput,
    Operand<R> byWeight,
    @Nullable Operand<R> byBias) {

  /**
   * @param x [rows, width]
   * @param targets in 0..classes−1, [rows]
   * @param ofTarget a, [rows]
   * @param ofMean m, [rows]; null leaves out the mean
   */
  static <T extends TFloating, R extends TFloating> SoftmaxBlock<R> of(
      Ops tf,
      Operand<T> x,
      Linear<T> linear,
      Operand<TInt32> targets,
      Operand<R> ofTarget,
      @Nullable Operand<R> ofMean) {
    Class<R> type = ofTarget.type();
    Operand<R> z = Precision.cast(tf, linear.apply(tf, x), type);
    Operand<TInt32> classes = tf.constant(1);
    Operand<R> max = tf.reduceMax(z, classes, ReduceMax.keepDims(true));
    Operand<R> e = tf.math.exp(tf.math.sub(z, max));
    Operand<R> sum = tf.reduceSum(e, classes, ReduceSum.keepDims(true));
    Operand<R> logSum = tf.squeeze(tf.math.add(max, tf.math.log(sum)), Squeeze.axis(List.of(1L)));
    Operand<R> target = tf.math.sub(RowLogProb.atTarget(tf, z, targets), logSum);
    Operand<R> mean = ofMean == null ? null : tf.math.sub(tf.math.mean(z, classes), logSum);

    Operand<R> total = ofMean == null ? ofTarget : tf.math.add(ofTarget, ofMean);
    Operand<R> scale = tf.math.div(Select.asColumn(tf, tf.math.neg(total)), sum);
    Operand<R> g = tf.math.add(tf.math.mul(scale, e), atTarget(tf, ofTarget, targets, z));
    if (ofMean != null) {
      long count = linear.weight().shape().get(0);
      Operand<R> share = Precision.cast(tf, tf.constant(1.0 / count), type);
      g = tf.math.add(g, Select.asColumn(tf, tf.math.mul(ofMean, share)));
    }
    Operand<T> narrow = Precision.cast(tf, g, x.type());
    Operand<R> byInput = Precision.cast(tf, tf.linalg.matMul(narrow, linear.weight()), type);
    Operand<R> byWeight =
        Precision.cast(tf, tf.linalg.matMul(narrow, x, MatMul.transposeA(true)), type);
    Operand<R> byBias = linear.bias() == null ? null : tf.reduceSum(g, tf.constant(0));
    return new SoftmaxBlock<>(target, mean, byInput, byWeight, byBias);
  }

  /** The rows' values at their targets, 0 elsewhere. */
  private static <R extends TFloating> Operand<R> atTarget(
      Ops tf, Operand<R> values, Operand<TInt32> targets, Operand<R> like) {
    int classes = (int) like.shape().get(1);
    Operand<TInt32> each =
        tf.expandDims(
            tf.range(tf.constant(0), tf.constant(classes), tf.constant(1)), tf.constant(0));
    Operand<TBool> here = tf.math.equal(Select.asColumn(tf, targets), each);
    Operand<R> zero = Precision.cast(tf, tf.constant(0.0), values.type());
    return tf.select(here, Select.asColumn(tf, values), zero);
  }
}
