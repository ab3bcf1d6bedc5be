package org.adaptivesoftmax.assoftmax;

import java.util.List;
import java.util.function.Function;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Rows;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.framework.losses.Loss;
import org.tensorflow.framework.losses.Reduction;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * AS-Softmax for one label per row: a cross entropy whose softmax leaves out the classes that the target already beats
 * by a margin δ (Lv et al., 2025, arXiv 2508.03175).
 *
 * <p>With p = softmax(o) and target t,
 *
 * <pre>
 * zᵢ = 1 while pₜ − pᵢ ≤ δ, else 0
 * p̃ᵢ = zᵢ exp(oᵢ) / Σⱼ zⱼ exp(oⱼ)
 * loss = −log p̃ₜ
 * </pre>
 *
 * <p>The target is always kept. The mask z carries no gradient. A dropped class has a gradient of exactly 0, and a
 * <i>finished</i> row, one with every class but its target dropped, a loss and gradient of exactly 0. With δ = 1 nothing
 * is ever dropped: that is the plain softmax cross entropy.
 *
 * <p>It goes where the framework's losses go:
 *
 * <pre>{@code
 * AdaptiveSparseSoftmax loss = AdaptiveSparseSoftmax.builder().delta(0.1).build();
 * optimizer.minimize(loss.call(tf, labels, logits, null));
 * }</pre>
 *
 * <p>Logits are [..., classes] of any rank, float32, float64, bfloat16 or float16; labels [...], int32 or int64. For half
 * precision, mask and loss are computed in float32 and the reduced loss is rounded at the end. A run fails if a label is
 * neither a class nor {@code ignoreIndex}, or the shapes do not match.
 *
 * <p>Immutable; it may be used from any thread.
 */
public final class AdaptiveSparseSoftmax implements Loss {
  /** The margin of the published reference. */
  public static final double DEFAULT_DELTA = 0.1;

  /** The label of a row without a label, as in PyTorch's {@code cross_entropy}. */
  public static final long DEFAULT_IGNORE_INDEX = -100;

  private static final String SCOPE = "adaptive_sparse_softmax";

  private final Delta delta;
  private final long ignoreIndex;
  private final Reduction reduction;

  AdaptiveSparseSoftmax(Delta delta, long ignoreIndex, Reduction reduction) {
    this.delta = delta;
    this.ignoreIndex = ignoreIndex;
    this.reduction = reduction;
  }

  /** A configuration to start from. */
  public static AdaptiveSparseSoftmaxBuilder builder() {
    return new AdaptiveSparseSoftmaxBuilder();
  }

  /**
   * The loss, differentiable by the logits.
   *
   * @param tf builds the ops
   * @param labels each a class in 0..classes−1 or {@code ignoreIndex}, [...]
   * @param logits [..., classes]
   * @param sampleWeights null, or a scalar, which scales the loss, or one weight for each label; with fewer dimensions than
   *     the labels, each weighs everything in the dimensions that are left
   * @return a scalar, or [...] for {@link Reduction#NONE}
   * @throws IllegalArgumentException if a type or a shape known when the graph is built does not fit
   * @throws IllegalStateException if other code has registered a gradient for {@code IdentityN}, or ten gradients for
   *     other ops, which is all that TensorFlow Java can call
   */
  @Override
  public <T extends TNumber> Operand<T> call(
      Ops tf,
      Operand<? extends TNumber> labels,
      Operand<T> logits,
      @Nullable Operand<T> sampleWeights) {
    Ops scope = tf.withSubScope(SCOPE);
    return loss(scope, mask(scope, labels, logits), labels, logits, sampleWeights);
  }

  /**
   * The loss as {@link #call} gives it, and which rows are finished, from one softmax.
   *
   * @param tf builds the ops
   * @param labels as in {@link #call}
   * @param logits as in {@link #call}
   * @param sampleWeights as in {@link #call}
   * @throws IllegalArgumentException if a type or a shape known when the graph is built does not fit
   */
  public <T extends TNumber> AdaptiveSparseLoss<T> lossAndRows(
      Ops tf,
      Operand<? extends TNumber> labels,
      Operand<T> logits,
      @Nullable Operand<T> sampleWeights) {
    Ops scope = tf.withSubScope(SCOPE);
    RowMask<?> mask = mask(scope, labels, logits);
    return new AdaptiveSparseLoss<>(
        loss(scope, mask, labels, logits, sampleWeights), mask.unfinished(scope));
  }

  /**
   * The loss, of which only the unfinished rows are differentiable, the others being exactly 0.
   *
   * @param logits of all rows, [rows, classes]
   * @param again the logits of the given rows, differentiable
   */
  <T extends TNumber> AdaptiveSparseLoss<T> ofUnfinished(
      Ops tf,
      Operand<? extends TNumber> labels,
      Operand<T> logits,
      Function<Operand<TInt64>, Operand<T>> again,
      @Nullable Operand<T> sampleWeights) {
    Ops scope = tf.withSubScope(SCOPE);
    RowMask<?> all = mask(scope, labels, logits);
    UnfinishedRows rows = all.unfinished(scope);
    Operand<? extends TNumber> some = scope.gather(labels, rows.indices(), scope.constant(0));
    Operand<? extends TFloating> losses =
        spread(
            scope,
            mask(scope, some, again.apply(rows.indices())).losses(scope),
            rows.indices(),
            labels);
    Operand<? extends TNumber> reduced = reduction(labels, all).of(scope, losses, sampleWeights);
    return new AdaptiveSparseLoss<>(Precision.cast(scope, reduced, logits.type()), rows);
  }

  /**
   * The loss, of which the rows guessed unfinished are differentiable, and of the others those that are so indeed; the rest
   * is exactly 0.
   *
   * @param guessed which rows are guessed unfinished, [rows]
   * @param logitsOf the logits of given rows, differentiable
   */
  <T extends TNumber> SpeculativeLoss<T> ofGuessed(
      Ops tf,
      Operand<? extends TNumber> labels,
      Operand<TBool> guessed,
      Function<Operand<TInt64>, Operand<T>> logitsOf,
      @Nullable Operand<T> sampleWeights) {
    Ops scope = tf.withSubScope(SCOPE);
    Operand<TInt64> straight = Rows.where(scope, guessed);
    Operand<TInt64> aside = Rows.where(scope, scope.math.logicalNot(guessed));
    Operand<T> logits = logitsOf.apply(straight);
    Operand<T> others = scope.stopGradient(logitsOf.apply(aside));
    RowMask<?> all = mask(scope, labels, stitched(scope, straight, logits, aside, others));
    UnfinishedRows rows = all.unfinished(scope);
    Operand<TBool> known = Rows.take(scope, guessed, rows.indices());
    Operand<TInt64> missed =
        Rows.take(scope, rows.indices(), Rows.where(scope, scope.math.logicalNot(known)));
    Operand<TInt64> learned = scope.concat(List.of(straight, missed), scope.constant(0));
    Operand<T> again = scope.concat(List.of(logits, logitsOf.apply(missed)), scope.constant(0));
    Operand<? extends TNumber> their = scope.gather(labels, learned, scope.constant(0));
    Operand<? extends TFloating> losses =
        spread(scope, mask(scope, their, again).losses(scope), learned, labels);
    Operand<? extends TNumber> reduced = reduction(labels, all).of(scope, losses, sampleWeights);
    return new SpeculativeLoss<>(
        Precision.cast(scope, reduced, others.type()), rows, missed, all.margins(scope));
  }

  /** The logits of all rows in their order, without a gradient. */
  private static <T extends TNumber> Operand<T> stitched(
      Ops tf, Operand<TInt64> rows, Operand<T> logits, Operand<TInt64> others, Operand<T> rest) {
    return tf.dynamicStitch(
        List.of(tf.dtypes.cast(rows, TInt32.class), tf.dtypes.cast(others, TInt32.class)),
        List.of(tf.stopGradient(logits), rest));
  }

  /**
   * Which rows are finished.
   *
   * @param tf builds the ops
   * @param labels as in {@link #call}
   * @param logits as in {@link #call}
   * @throws IllegalArgumentException if a type or a shape known when the graph is built does not fit
   */
  public UnfinishedRows unfinishedRows(
      Ops tf, Operand<? extends TNumber> labels, Operand<? extends TNumber> logits) {
    Ops scope = tf.withSubScope(SCOPE);
    return mask(scope, labels, logits).unfinished(scope);
  }

  /**
   * The logits with the dropped ones at −∞: a plain softmax cross entropy of them is AS-Softmax. A row without a label is
   * masked as if its label were 0, as in the published reference.
   *
   * @param tf builds the ops
   * @param labels as in {@link #call}
   * @param logits as in {@link #call}
   * @return [..., classes]
   * @throws IllegalArgumentException if a type or a shape known when the graph is built does not fit
   */
  public <T extends TNumber> Operand<T> transform(
      Ops tf, Operand<? extends TNumber> labels, Operand<T> logits) {
    Ops scope = tf.withSubScope(SCOPE);
    Operand<T> dropped =
        Precision.cast(scope, scope.constant(Double.NEGATIVE_INFINITY), logits.type());
    return scope.select(kept(scope, labels, logits), logits, dropped);
  }

  /**
   * Which classes are kept. A row without a label is masked as if its label were 0, as in the published reference.
   *
   * @param tf builds the ops
   * @param labels as in {@link #call}
   * @param logits as in {@link #call}
   * @return [..., classes]
   * @throws IllegalArgumentException if a type or a shape known when the graph is built does not fit
   */
  public Operand<TBool> keptClasses(
      Ops tf, Operand<? extends TNumber> labels, Operand<? extends TNumber> logits) {
    return kept(tf.withSubScope(SCOPE), labels, logits);
  }

  private Operand<TBool> kept(
      Ops tf, Operand<? extends TNumber> labels, Operand<? extends TNumber> logits) {
    RowMask<?> mask = mask(tf, labels, logits);
    return mask.logits().unflatten(tf, mask.kept(tf));
  }

  private RowMask<?> mask(
      Ops tf, Operand<? extends TNumber> labels, Operand<? extends TNumber> logits) {
    return mask(tf, labels, logits, LogitRows.typeFor(logits));
  }

  private <R extends TFloating> RowMask<R> mask(
      Ops tf, Operand<? extends TNumber> labels, Operand<? extends TNumber> logits, Class<R> type) {
    LogitRows<R> rows = LogitRows.of(tf, logits, type);
    RowLabels rowLabels = RowLabels.of(tf, labels, logits, rows, ignoreIndex);
    return RowMask.of(tf, rows, rowLabels, delta.value(tf, type));
  }

  private <T extends TNumber> Operand<T> loss(
      Ops tf,
      RowMask<?> mask,
      Operand<? extends TNumber> labels,
      Operand<T> logits,
      @Nullable Operand<T> sampleWeights) {
    RowReduction rows = reduction(labels, mask);
    return Precision.cast(tf, rows.of(tf, mask.losses(tf), sampleWeights), logits.type());
  }

  /** The losses of some rows among the zeros of the others, [rows]. */
  private static <R extends TFloating> Operand<R> spread(
      Ops tf, Operand<R> losses, Operand<TInt64> rows, Operand<? extends TNumber> labels) {
    return tf.scatterNd(
        tf.expandDims(rows, tf.constant(1)), losses, tf.shape(labels, TInt64.class));
  }

  private RowReduction reduction(Operand<? extends TNumber> labels, RowMask<?> mask) {
    return new RowReduction(
        reduction, labels.shape(), mask.labels().shape(), mask.labels().labelled());
  }

  @Override
  public String toString() {
    return "AdaptiveSparseSoftmax[delta=%s, ignoreIndex=%d, reduction=%s]"
        .formatted(delta, ignoreIndex, reduction);
  }
}
