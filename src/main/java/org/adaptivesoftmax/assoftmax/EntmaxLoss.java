package org.adaptivesoftmax.assoftmax;

import java.util.List;
import org.adaptivesoftmax.gradient.BackwardOps;
import org.adaptivesoftmax.gradient.FusedGradient;
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
 * The loss that belongs to {@link Entmax}'s probabilities, as the cross entropy belongs to softmax's: with p = entmax(o), its
 * entropy H and target t,
 *
 * <pre>
 * loss = p·o − oₜ + H(p),   ∂loss/∂o = p − [i = t]
 * </pre>
 *
 * <p>It is convex, never negative, and exactly 0 with a gradient of exactly 0 where pₜ = 1: where the target leads every class
 * by 1 (sparsemax; Martins and Astudillo, 2016) or by 2 (entmax-1.5; Peters et al., 2019).
 *
 * <pre>{@code
 * Loss loss = new EntmaxLoss(Entmax.ENTMAX15);
 * optimizer.minimize(loss.call(tf, labels, logits, null));
 * Operand<TFloat32> p = Entmax.ENTMAX15.probabilities(tf, logits);
 * }</pre>
 *
 * <p>Logits, labels, weights, half precision and what is refused are as in {@link AdaptiveSparseSoftmax}. Immutable; it may be
 * used from any thread.
 *
 * @param mapping to probabilities
 * @param ignoreIndex the label of a row without a label, which counts nowhere
 * @param reduction how the losses of the rows become the loss, as {@link AdaptiveSparseSoftmaxBuilder#reduction} says
 */
public record EntmaxLoss(Entmax mapping, long ignoreIndex, Reduction reduction) implements Loss {
  private static final FusedGradient FUSED =
      FusedGradient.define("entmax_loss", EntmaxLoss::backward);

  /** With {@link AdaptiveSparseSoftmax#DEFAULT_IGNORE_INDEX} and the mean over the labelled rows. */
  public EntmaxLoss(Entmax mapping) {
    this(mapping, AdaptiveSparseSoftmax.DEFAULT_IGNORE_INDEX, Reduction.AUTO);
  }

  @Override
  public <T extends TNumber> Operand<T> call(
      Ops tf,
      Operand<? extends TNumber> labels,
      Operand<T> logits,
      @Nullable Operand<T> sampleWeights) {
    return new LabelledLoss(ignoreIndex, reduction)
        .call(tf.withSubScope("entmax_loss"), labels, logits, sampleWeights, this::losses);
  }

  private <R extends TFloating> Operand<R> losses(
      Ops tf, Operand<R> logits, Operand<TInt64> places) {
    EntmaxRows<R> rows = EntmaxRows.of(tf, mapping, tf.stopGradient(logits));
    Operand<R> losses = rows.losses(tf, places);
    if (!tf.scope().env().isGraph()) {
      return losses;
    }
    Operand<R> p = mapping.power(tf, rows.roots(tf));
    return typed(FUSED.apply(tf, List.of(losses), List.of(logits), List.of(p, places)).get(0));
  }

  private static List<Operand<?>> backward(
      BackwardOps ops, List<Output<?>> inputs, List<Output<?>> saved, List<Output<?>> upstream) {
    Ops tf = ops.tf();
    Operand<TFloating> p = typed(saved.get(0));
    Operand<TInt64> places = typed(saved.get(1));
    Operand<TFloating> byLoss = typed(upstream.get(0));
    Operand<TFloating> missing = tf.tensorScatterNdSub(p, places, tf.onesLike(byLoss));
    return List.of(tf.math.mul(missing, tf.expandDims(byLoss, tf.constant(1))));
  }

  @SuppressWarnings("unchecked")
  private static <V extends TType> Operand<V> typed(Output<?> output) {
    return (Output<V>) output;
  }
}
