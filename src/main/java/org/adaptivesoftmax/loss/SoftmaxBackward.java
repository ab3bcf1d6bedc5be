package org.adaptivesoftmax.loss;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.gradient.BackwardOps;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Rows;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/**
 * The gradients of a linear layer z = x Wᵀ + b whose rows have the gradient by z
 *
 * <pre>
 * g = a · 1[target] + m / C + s · p
 * </pre>
 *
 * so that dx = g W, dW = gᵀ x, db = gᵀ 1. The factors are folded into [rows, width] operands: [rows, classes] is only read,
 * by the two products. Rows are scaled in the type of p, products are in the type of the weights.
 *
 * @param p [rows, classes]
 * @param targets in 0..classes−1, [rows]; null leaves their term out
 * @param ofTarget a, [rows, 1]; null just where targets is
 * @param ofMean m, [rows, 1]; null leaves the term out
 * @param scale s, [rows, 1]
 */
record SoftmaxBackward(
    BackwardOps ops,
    Operand<TFloating> p,
    @Nullable Operand<TInt32> targets,
    @Nullable Operand<TFloating> ofTarget,
    @Nullable Operand<TFloating> ofMean,
    Operand<TFloating> scale) {
  /**
   * The gradients, in the order of the inputs.
   *
   * @param inputs x, W and perhaps b
   */
  List<Operand<?>> gradients(List<Output<?>> inputs) {
    Operand<TFloating> x = typed(inputs.get(0));
    List<Operand<?>> gradients = new ArrayList<>();
    gradients.add(byInput(typed(inputs.get(1))));
    gradients.add(byWeight(x, x.type()));
    if (inputs.size() > 2) {
      // A bias is a weight whose input is always 1. Its gradient has no width to sum over: it stays
      // in p's type.
      Operand<TFloating> column = byWeight(ops.tf().onesLike(scale), p.type());
      Operand<TFloating> bias = ops.tf().squeeze(column, Squeeze.axis(List.of(1L)));
      gradients.add(Precision.cast(ops.tf(), bias, x.type()));
    }
    return gradients;
  }

  private Operand<TFloating> byInput(Operand<TFloating> weight) {
    Ops tf = ops.tf();
    Operand<TFloating> product = ops.matMul(Precision.cast(tf, p, weight.type()), weight, false);
    Operand<TFloating> gradient = tf.math.mul(scale, Precision.cast(tf, product, p.type()));
    if (ofTarget != null && targets != null) {
      Operand<TFloating> atTarget = Precision.cast(tf, Rows.take(tf, weight, targets), p.type());
      gradient = tf.math.add(gradient, tf.math.mul(ofTarget, atTarget));
    }
    if (ofMean != null) {
      Operand<TFloating> mean = Precision.cast(tf, tf.math.mean(weight, tf.constant(0)), p.type());
      gradient = tf.math.add(gradient, tf.math.mul(ofMean, mean));
    }
    return Precision.cast(tf, gradient, weight.type());
  }

  private Operand<TFloating> byWeight(Operand<TFloating> input, Class<TFloating> type) {
    Ops tf = ops.tf();
    Operand<TFloating> x = Precision.cast(tf, input, p.type());
    Operand<TFloating> scaled = Precision.cast(tf, tf.math.mul(scale, x), type);
    Operand<TFloating> gradient = ops.matMul(Precision.cast(tf, p, type), scaled, true);
    if (ofTarget != null && targets != null) {
      // Rows of one target are summed first: the update in place then meets each row once, on any
      // device.
      var unique = tf.unique(targets, tf.constant(new int[] {0}));
      Operand<TFloating> byTarget =
          tf.math.unsortedSegmentSum(
              tf.math.mul(tf.math.neg(ofTarget), x), unique.idx(), tf.size(unique.y()));
      gradient = tf.inplaceSub(gradient, unique.y(), Precision.cast(tf, byTarget, type));
    }
    if (ofMean != null) {
      Operand<TFloating> classes = Precision.cast(tf, tf.shape.size(p, tf.constant(1)), p.type());
      Operand<TFloating> sum = tf.reduceSum(tf.math.mul(ofMean, x), tf.constant(0));
      gradient = tf.math.add(gradient, Precision.cast(tf, tf.math.div(sum, classes), type));
    }
    return gradient;
  }

  @SuppressWarnings("unchecked")
  private static <V extends TType> Operand<V> typed(Output<?> output) {
    return (Operand<V>) output;
  }
}
