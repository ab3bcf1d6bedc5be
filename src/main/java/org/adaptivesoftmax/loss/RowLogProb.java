package org.adaptivesoftmax.loss;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.gradient.BackwardOps;
import org.adaptivesoftmax.gradient.FusedGradient;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Rows;
import org.adaptivesoftmax.internal.weights.Linear;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Stack;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/**
 * A linear layer and the log-softmax of its outputs at one target per row, fused with their gradient.
 *
 * <p>With z = x Wᵀ + b and p = softmax(z): target = log p<sub>t</sub>, mean = Σ<sub>c</sub> z<sub>c</sub> / C −
 * z<sub>t</sub> + log p<sub>t</sub> (what label smoothing mixes in). One softmax serves the loss and the gradient, and
 * nothing else passes over [rows, classes]. No logarithm of a vanishing probability is taken: rows with p<sub>t</sub> &lt;
 * 1e-30, of which there are hardly ever any, are scored a second time by a log-softmax.
 *
 * <p>With upstream gradients a of target and m of mean, one per row, and s = a + m:
 *
 * <pre>
 * dx = −s (p W) + a W[t] + m mean(W)
 * dW = −pᵀ (s x), then row t += a x, and every row += Σ m x / C
 * db = −pᵀ s, then entry t += a, and every entry += Σ m / C
 * </pre>
 *
 * so that the upstream gradient is folded into [rows, width] operands, and [rows, classes] is read by the two products
 * alone.
 *
 * @param target log-probability of each row's target, [rows]
 * @param mean mean log-probability of each row's classes, [rows]; null unless asked for
 * @param p the softmax, [rows, classes]; not differentiable
 */
record RowLogProb<R extends TFloating>(Operand<R> target, @Nullable Operand<R> mean, Operand<R> p) {
  private static final double VANISHING = 1e-30;

  private static final FusedGradient FUSED =
      FusedGradient.define("adaptive_softmax_row_log_prob", RowLogProb::backward);

  /**
   * @param x [rows, width]
   * @param linear weight [classes, width] and perhaps a bias [classes]
   * @param targets in 0..classes−1, [rows]
   * @param withMean whether the mean is wanted
   */
  static <T extends TFloating, R extends TFloating> RowLogProb<R> of(
      Ops tf,
      Class<R> type,
      Operand<T> x,
      Linear<T> linear,
      Operand<TInt32> targets,
      boolean withMean) {
    Operand<R> z = Precision.cast(tf, linear.apply(tf, x), type);
    Operand<R> zTarget = withMean ? atTarget(tf, z, targets) : null;
    Operand<R> zMean = withMean ? tf.math.mean(z, tf.constant(1)) : null;
    List<Op> readers = zTarget == null || zMean == null ? List.of() : List.of(zTarget, zMean);
    // The softmax comes last, so that it may take over the logits' memory.
    Operand<R> p = tf.withControlDependencies(readers).nn.softmax(z);
    Operand<R> logProb = logProb(tf, atTarget(tf, p, targets), x, linear, targets);
    List<Operand<?>> values = new ArrayList<>(List.of(logProb));
    if (zTarget != null && zMean != null) {
      values.add(tf.math.add(tf.math.sub(zMean, zTarget), logProb));
    }
    List<Operand<?>> inputs = new ArrayList<>(List.of(x, linear.weight()));
    if (linear.bias() != null) {
      inputs.add(linear.bias());
    }
    List<Output<?>> results = FUSED.apply(tf, values, inputs, List.of(p, targets));
    return new RowLogProb<>(typed(results.get(0)), withMean ? typed(results.get(1)) : null, p);
  }

  private static <T extends TFloating, R extends TFloating> Operand<R> logProb(
      Ops tf, Operand<R> pTarget, Operand<T> x, Linear<T> linear, Operand<TInt32> targets) {
    Class<R> type = pTarget.type();
    Operand<R> least = Precision.cast(tf, tf.constant(VANISHING), type);
    Operand<TInt64> rows = Rows.where(tf, tf.math.less(pTarget, least));
    Operand<R> z = Precision.cast(tf, linear.apply(tf, Rows.take(tf, x, rows)), type);
    Operand<R> again = atTarget(tf, tf.nn.logSoftmax(z), Rows.take(tf, targets, rows));
    return tf.tensorScatterNdUpdate(
        tf.math.log(pTarget), tf.expandDims(rows, tf.constant(1)), again);
  }

  /** Each row's value at its target. */
  static <R extends TFloating> Operand<R> atTarget(
      Ops tf, Operand<R> values, Operand<TInt32> targets) {
    Operand<TInt32> rows = tf.range(tf.constant(0), tf.size(targets), tf.constant(1));
    return tf.gatherNd(values, tf.stack(List.of(rows, targets), Stack.axis(1L)));
  }

  private static List<Operand<?>> backward(
      BackwardOps ops, List<Output<?>> inputs, List<Output<?>> saved, List<Output<?>> upstream) {
    Operand<TFloating> ofTarget = ops.tf().expandDims(typed(upstream.get(0)), ops.tf().constant(1));
    Operand<TFloating> ofMean =
        upstream.size() == 1
            ? null
            : ops.tf().expandDims(typed(upstream.get(1)), ops.tf().constant(1));
    Operand<TFloating> sum = ofMean == null ? ofTarget : ops.tf().math.add(ofTarget, ofMean);
    return new SoftmaxBackward(
            ops, typed(saved.get(0)), typed(saved.get(1)), ofTarget, ofMean, ops.tf().math.neg(sum))
        .gradients(inputs);
  }

  @SuppressWarnings("unchecked")
  private static <V extends TType> Operand<V> typed(Output<?> output) {
    return (Output<V>) output;
  }
}
