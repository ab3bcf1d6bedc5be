package org.adaptivesoftmax.assoftmax;

import java.util.List;
import org.adaptivesoftmax.gradient.BackwardOps;
import org.adaptivesoftmax.gradient.FusedGradient;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.io.Require;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.framework.losses.Loss;
import org.tensorflow.framework.losses.Reduction;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/**
 * The focal loss (Lin et al., 2017, "Focal Loss for Dense Object Detection", arXiv 1708.02002) of a softmax: a cross entropy
 * that counts a row for less, the surer its target is. With p = softmax(o) and target t,
 *
 * <pre>
 * loss = −(1 − pₜ)^γ log pₜ
 * </pre>
 *
 * <p>With γ = 0 that is the plain softmax cross entropy. The paper's weights α of classes are the call's {@code
 * sampleWeights}.
 *
 * <p>Logits, labels, weights, half precision and what is refused are as in {@link AdaptiveSparseSoftmax}. Immutable; it may be
 * used from any thread.
 *
 * @param gamma γ, at least 0
 * @param ignoreIndex the label of a row without a label, which counts nowhere
 * @param reduction how the losses of the rows become the loss, as {@link AdaptiveSparseSoftmaxBuilder#reduction} says
 */
public record FocalLoss(double gamma, long ignoreIndex, Reduction reduction) implements Loss {
  /** The γ that the paper found best. */
  public static final double DEFAULT_GAMMA = 2;

  private static final FusedGradient FUSED =
      FusedGradient.define("focal_loss", FocalLoss::backward);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if gamma is negative, infinite or NaN
   */
  public FocalLoss {
    Require.argument(
        gamma >= 0 && Double.isFinite(gamma), "gamma must be at least 0 and finite: %s", gamma);
  }

  /** With {@link AdaptiveSparseSoftmax#DEFAULT_IGNORE_INDEX} and the mean over the labelled rows. */
  public FocalLoss(double gamma) {
    this(gamma, AdaptiveSparseSoftmax.DEFAULT_IGNORE_INDEX, Reduction.AUTO);
  }

  @Override
  public <T extends TNumber> Operand<T> call(
      Ops tf,
      Operand<? extends TNumber> labels,
      Operand<T> logits,
      @Nullable Operand<T> sampleWeights) {
    return new LabelledLoss(ignoreIndex, reduction)
        .call(tf.withSubScope("focal_loss"), labels, logits, sampleWeights, this::losses);
  }

  /**
   * With s = 1 − pₜ, the gradient is c ([i = t] − p),
   *
   * <pre>
   * c = s^γ (γ pₜ (log pₜ) / s − 1)
   * </pre>
   */
  private <R extends TFloating> Operand<R> losses(
      Ops tf, Operand<R> logits, Operand<TInt64> places) {
    Operand<R> o = tf.stopGradient(logits);
    Operand<R> p = tf.nn.softmax(o);
    Operand<R> target = tf.gatherNd(p, places);
    Operand<R> others = tf.tensorScatterNdUpdate(p, places, tf.zerosLike(target));
    // Not 1 − pₜ, nor the logarithm of a number near 1: both would lose their digits.
    Operand<R> s = tf.reduceSum(others, tf.constant(1));
    Operand<R> zero = tf.zerosLike(s);
    Operand<R> logP =
        tf.select(
            tf.math.less(s, number(tf, 0.5, s)),
            tf.math.log1p(tf.math.neg(s)),
            tf.gatherNd(tf.nn.logSoftmax(o), places));
    Operand<R> focus = tf.math.pow(s, number(tf, gamma, s));
    Operand<R> losses = tf.math.neg(tf.math.mul(focus, logP));
    if (!tf.scope().env().isGraph()) {
      return losses;
    }
    Operand<R> ratio = tf.select(tf.math.greater(s, zero), tf.math.div(logP, s), number(tf, -1, s));
    Operand<R> slope = tf.math.mul(tf.math.mul(number(tf, gamma, s), target), ratio);
    Operand<R> c = tf.math.mul(focus, tf.math.sub(slope, number(tf, 1, s)));
    return typed(
        FUSED.apply(tf, List.of(losses), List.of(logits), List.of(others, s, c, places)).get(0));
  }

  private static List<Operand<?>> backward(
      BackwardOps ops, List<Output<?>> inputs, List<Output<?>> saved, List<Output<?>> upstream) {
    Ops tf = ops.tf();
    Operand<TFloating> others = typed(saved.get(0));
    Operand<TFloating> s = typed(saved.get(1));
    Operand<TFloating> c = tf.math.mul(typed(saved.get(2)), typed(upstream.get(0)));
    Operand<TInt64> places = typed(saved.get(3));
    Operand<TFloating> down = tf.math.mul(tf.math.neg(tf.expandDims(c, tf.constant(1))), others);
    return List.of(tf.tensorScatterNdUpdate(down, places, tf.math.mul(c, s)));
  }

  private static <R extends TFloating> Operand<R> number(Ops tf, double value, Operand<R> like) {
    return Precision.cast(tf, tf.constant(value), like.type());
  }

  @SuppressWarnings("unchecked")
  private static <V extends TType> Operand<V> typed(Output<?> output) {
    return (Output<V>) output;
  }
}
