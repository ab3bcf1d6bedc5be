package org.adaptivesoftmax.assoftmax;

import org.adaptivesoftmax.internal.graph.Checks;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.io.Require;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.framework.losses.Loss;
import org.tensorflow.framework.losses.Reduction;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * AS-Softmax for any number of labels per row (Lv et al., 2025, arXiv 2508.03175).
 *
 * <p>With p the softmax over all classes of a row (no gradient), p⁺ the smallest p of its positives and p⁻ the largest of
 * its negatives, negative i is kept while p⁺ − p<sub>i</sub> ≤ δ and positive t while p<sub>t</sub> − p⁻ ≤ δ. With logits
 * o, a row costs
 *
 * <pre>
 * log(1 + Σ{kept negatives} exp(oᵢ)) + log(1 + Σ{kept positives} exp(−oₜ))
 * </pre>
 *
 * and the loss is the mean over the rows. A dropped class has a gradient of exactly 0. With δ = 1 nothing is dropped. A
 * class is predicted where its logit is above 0.
 *
 * <p>It differs from the published reference in three ways:
 *
 * <ul>
 *   <li>Positives come from the labels. The reference asks for a softmax above 0, and so loses a positive whose softmax
 *       underflows.
 *   <li>The sums of exponentials are stable. The reference overflows at a logit of 100 (in float32).
 *   <li>A row without positives masks no negative, and one without negatives no positive, so that δ = 1 is the plain
 *       multi-label loss. The reference gives such a row a loss of 0 and no gradient.
 * </ul>
 *
 * <p>Logits are [..., classes] of any rank, float32, float64, bfloat16 or float16; labels have the same shape and any
 * numeric type, 1 for a positive and 0 for a negative. For half precision, mask and loss are computed in float32 and the
 * reduced loss is rounded at the end. A run fails if a label is neither 0 nor 1, or the shapes do not match.
 *
 * <p>Immutable; it may be used from any thread.
 */
public final class MultiLabelAdaptiveSparseSoftmax implements Loss {
  private static final String SCOPE = "multi_label_adaptive_sparse_softmax";

  private final Delta delta;
  private final Reduction reduction;

  MultiLabelAdaptiveSparseSoftmax(Delta delta, Reduction reduction) {
    this.delta = delta;
    this.reduction = reduction;
  }

  /** A configuration to start from. */
  public static MultiLabelAdaptiveSparseSoftmaxBuilder builder() {
    return new MultiLabelAdaptiveSparseSoftmaxBuilder();
  }

  /**
   * The loss, differentiable by the logits.
   *
   * @param tf builds the ops
   * @param labels 0 or 1, [..., classes]
   * @param logits [..., classes]
   * @param sampleWeights null, or a scalar, which scales the loss, or one weight for each row; with fewer dimensions than
   *     the rows, each weighs everything in the dimensions that are left
   * @return a scalar, or [...] for {@link Reduction#NONE}
   * @throws IllegalArgumentException if a type or a shape known when the graph is built does not fit
   */
  @Override
  public <T extends TNumber> Operand<T> call(
      Ops tf,
      Operand<? extends TNumber> labels,
      Operand<T> logits,
      @Nullable Operand<T> sampleWeights) {
    Ops scope = tf.withSubScope(SCOPE);
    MultiLabelMask<?> mask = mask(scope, labels, logits, LogitRows.typeFor(logits));
    return loss(scope, mask, logits, sampleWeights);
  }

  /**
   * Which classes are kept.
   *
   * @param tf builds the ops
   * @param labels as in {@link #call}
   * @param logits as in {@link #call}
   * @return [..., classes]
   * @throws IllegalArgumentException if a type or a shape known when the graph is built does not fit
   */
  public Operand<TBool> keptClasses(
      Ops tf, Operand<? extends TNumber> labels, Operand<? extends TNumber> logits) {
    Ops scope = tf.withSubScope(SCOPE);
    MultiLabelMask<?> mask = mask(scope, labels, logits, LogitRows.typeFor(logits));
    return mask.logits().unflatten(scope, mask.kept());
  }

  private <R extends TFloating> MultiLabelMask<R> mask(
      Ops tf, Operand<? extends TNumber> labels, Operand<? extends TNumber> logits, Class<R> type) {
    Require.argument(
        labels.shape().isCompatibleWith(logits.shape()),
        "labels must have the shape of the logits: shapes %s and %s",
        labels.shape(),
        logits.shape());
    LogitRows<R> rows = LogitRows.of(tf, logits, type);
    Operand<TBool> positive = positive(tf, labels, rows);
    return MultiLabelMask.of(tf, rows, positive, delta.value(tf, type));
  }

  /** Which classes are positive, [rows, classes]. */
  private static <L extends TNumber> Operand<TBool> positive(
      Ops tf, Operand<L> labels, LogitRows<?> logits) {
    Operand<L> zero = tf.zerosLike(labels);
    Operand<L> one = tf.onesLike(labels);
    Operand<TBool> positive = tf.math.equal(labels, one);
    Operand<TBool> valid = tf.math.logicalOr(positive, tf.math.equal(labels, zero));
    Operand<TInt64> invalid = tf.where(tf.math.logicalNot(valid));
    Operand<TInt64> shape = tf.shape(labels, TInt64.class);
    Operand<TInt32> all = tf.range(tf.constant(0), tf.rank(labels), tf.constant(1));
    Operand<TBool> binary =
        Checks.atRun(
            tf,
            positive,
            tf.reduceAll(valid, all),
            tf.constant("labels must be 0 or 1:"),
            tf.gatherNd(labels, invalid));
    Operand<TBool> checked =
        Checks.atRun(
            tf,
            binary,
            logits.hasShape(tf, shape),
            tf.constant("labels must have the shape of the logits: shapes"),
            shape,
            logits.shape());
    return tf.reshape(checked, tf.shape(logits.values(), TInt64.class));
  }

  private <T extends TNumber> Operand<T> loss(
      Ops tf, MultiLabelMask<?> mask, Operand<T> logits, @Nullable Operand<T> sampleWeights) {
    LogitRows<?> rows = mask.logits();
    Operand<TInt64> shape =
        tf.slice(
            rows.shape(),
            tf.constant(new int[] {0}),
            tf.math.sub(tf.shape(rows.shape()), tf.constant(1)));
    Shape known = logits.shape();
    Shape knownRows = known.isUnknown() ? known : known.take(known.numDimensions() - 1);
    return Precision.cast(tf, reduced(tf, mask, knownRows, shape, sampleWeights), logits.type());
  }

  private <R extends TFloating> Operand<R> reduced(
      Ops tf,
      MultiLabelMask<R> mask,
      Shape known,
      Operand<TInt64> shape,
      @Nullable Operand<? extends TNumber> sampleWeights) {
    Operand<R> losses = mask.losses(tf);
    Operand<TBool> labelled = tf.fill(tf.shape(tf.stopGradient(losses)), tf.constant(true));
    return new RowReduction(reduction, known, shape, labelled).of(tf, losses, sampleWeights);
  }

  @Override
  public String toString() {
    return "MultiLabelAdaptiveSparseSoftmax[delta=%s, reduction=%s]".formatted(delta, reduction);
  }
}
