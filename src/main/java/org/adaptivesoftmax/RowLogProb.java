package org.adaptivesoftmax;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.gradient.BackwardOps;
import org.adaptivesoftmax.gradient.FusedGradient;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Squeeze;
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
 */
record RowLogProb<R extends TFloating>(Operand<R> target, @Nullable Operand<R> mean) {
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
    return new RowLogProb<>(typed(results.get(0)), withMean ? typed(results.get(1)) : null);
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
  private static <R extends TFloating> Operand<R> atTarget(
      Ops tf, Operand<R> values, Operand<TInt32> targets) {
    Operand<TInt32> rows = tf.range(tf.constant(0), tf.size(targets), tf.constant(1));
    return tf.gatherNd(values, tf.stack(List.of(rows, targets), Stack.axis(1L)));
  }

  private static List<Operand<?>> backward(
      BackwardOps ops, List<Output<?>> inputs, List<Output<?>> saved, List<Output<?>> upstream) {
    Operand<TFloating> x = typed(inputs.get(0));
    Operand<TFloating> p = typed(saved.get(0));
    Backward pass = new Backward(ops, p, typed(saved.get(1)), Upstream.of(ops.tf(), upstream));
    List<Operand<?>> gradients = new ArrayList<>();
    gradients.add(pass.byInput(typed(inputs.get(1))));
    gradients.add(pass.byWeight(x, x.type()));
    if (inputs.size() > 2) {
      // A bias is a weight whose input is always 1. Its gradient has no width to sum over: it stays
      // in p's type.
      Operand<TFloating> one = ops.tf().onesLike(pass.up.target);
      Operand<TFloating> column = pass.byWeight(one, p.type());
      Operand<TFloating> bias = ops.tf().squeeze(column, Squeeze.axis(List.of(1L)));
      gradients.add(Precision.cast(ops.tf(), bias, x.type()));
    }
    return gradients;
  }

  /** The backward pass; rows are scaled in the type of p, products are in the type of the weights. */
  private record Backward(
      BackwardOps ops, Operand<TFloating> p, Operand<TInt32> targets, Upstream up) {
    Operand<TFloating> byInput(Operand<TFloating> weight) {
      Ops tf = ops.tf();
      Operand<TFloating> product = ops.matMul(Precision.cast(tf, p, weight.type()), weight, false);
      Operand<TFloating> expected = Precision.cast(tf, product, p.type());
      Operand<TFloating> atTarget = Precision.cast(tf, Rows.take(tf, weight, targets), p.type());
      Operand<TFloating> gradient =
          tf.math.sub(tf.math.mul(up.target, atTarget), tf.math.mul(up.sum, expected));
      if (up.mean != null) {
        Operand<TFloating> mean =
            Precision.cast(tf, tf.math.mean(weight, tf.constant(0)), p.type());
        gradient = tf.math.add(gradient, tf.math.mul(up.mean, mean));
      }
      return Precision.cast(tf, gradient, weight.type());
    }

    Operand<TFloating> byWeight(Operand<TFloating> input, Class<TFloating> type) {
      Ops tf = ops.tf();
      Operand<TFloating> x = Precision.cast(tf, input, p.type());
      Operand<TFloating> scaled = Precision.cast(tf, tf.math.mul(tf.math.neg(up.sum), x), type);
      Operand<TFloating> gradient = ops.matMul(Precision.cast(tf, p, type), scaled, true);
      // Rows of one target are summed first: the update in place then meets each row once, on any
      // device.
      var unique = tf.unique(targets, tf.constant(new int[] {0}));
      Operand<TFloating> byTarget =
          tf.math.unsortedSegmentSum(
              tf.math.mul(tf.math.neg(up.target), x), unique.idx(), tf.size(unique.y()));
      gradient = tf.inplaceSub(gradient, unique.y(), Precision.cast(tf, byTarget, type));
      if (up.mean != null) {
        Operand<TFloating> classes = Precision.cast(tf, tf.shape.size(p, tf.constant(1)), p.type());
        Operand<TFloating> sum = tf.reduceSum(tf.math.mul(up.mean, x), tf.constant(0));
        Operand<TFloating> spread = Precision.cast(tf, tf.math.div(sum, classes), type);
        gradient = tf.math.add(gradient, spread);
      }
      return gradient;
    }
  }

  /** The upstream gradients, [rows, 1]. */
  private record Upstream(
      Operand<TFloating> target, @Nullable Operand<TFloating> mean, Operand<TFloating> sum) {
    static Upstream of(Ops tf, List<Output<?>> upstream) {
      Operand<TFloating> target = tf.expandDims(typed(upstream.get(0)), tf.constant(1));
      if (upstream.size() == 1) {
        return new Upstream(target, null, target);
      }
      Operand<TFloating> mean = tf.expandDims(typed(upstream.get(1)), tf.constant(1));
      return new Upstream(target, mean, tf.math.add(target, mean));
    }
  }

  @SuppressWarnings("unchecked")
  private static <V extends TType> Operand<V> typed(Output<?> output) {
    return (Output<V>) output;
  }
}
