package org.adaptivesoftmax.loss;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.gradient.BackwardOps;
import org.adaptivesoftmax.gradient.FusedGradient;
import org.adaptivesoftmax.internal.weights.Linear;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/**
 * A term of each row's loss that is 0 and carries a gradient that is given. A loss over several softmaxes, whose
 * value is computed as a whole, adds one such term for each softmax: that softmax's part of the gradient.
 */
final class GivenGradient {
  private static final FusedGradient FUSED =
      FusedGradient.define("adaptive_softmax_given_gradient", GivenGradient::backward);

  private GivenGradient() {}

  /**
   * Zeros, [rows], whose gradient by z = x Wᵀ + b is scale · e − 1[target].
   *
   * @param x [rows, width]
   * @param e [rows, classes]
   * @param scale of each row of e, [rows]
   * @param targets [rows]; null leaves out the term of the target
   */
  @SuppressWarnings("unchecked")
  static <T extends TFloating, R extends TFloating> Operand<R> of(
      Ops tf,
      Operand<T> x,
      Linear<T> linear,
      Operand<R> e,
      Operand<R> scale,
      @Nullable Operand<TInt32> targets) {
    List<Operand<?>> inputs = new ArrayList<>(List.of(x, linear.weight()));
    if (linear.bias() != null) {
      inputs.add(linear.bias());
    }
    List<Operand<?>> saved = targets == null ? List.of(e, scale) : List.of(e, scale, targets);
    return (Operand<R>) FUSED.apply(tf, List.of(tf.zerosLike(scale)), inputs, saved).get(0);
  }

  private static List<Operand<?>> backward(
      BackwardOps ops, List<Output<?>> inputs, List<Output<?>> saved, List<Output<?>> upstream) {
    Ops tf = ops.tf();
    Operand<TFloating> up = tf.expandDims(typed(upstream.get(0)), tf.constant(1));
    Operand<TFloating> scale = tf.expandDims(typed(saved.get(1)), tf.constant(1));
    boolean withTarget = saved.size() > 2;
    return new SoftmaxBackward(
            ops,
            typed(saved.get(0)),
            withTarget ? typed(saved.get(2)) : null,
            withTarget ? tf.math.neg(up) : null,
            null,
            tf.math.mul(up, scale))
        .gradients(inputs);
  }

  @SuppressWarnings("unchecked")
  private static <V extends TType> Operand<V> typed(Output<?> output) {
    return (Operand<V>) output;
  }
}
