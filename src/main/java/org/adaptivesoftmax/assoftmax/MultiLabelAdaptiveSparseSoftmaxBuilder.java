package org.adaptivesoftmax.assoftmax;

import org.tensorflow.Operand;
import org.tensorflow.framework.losses.Reduction;
import org.tensorflow.types.family.TNumber;

/** Configuration of a {@link MultiLabelAdaptiveSparseSoftmax}. Everything has a default. */
public final class MultiLabelAdaptiveSparseSoftmaxBuilder {
  private Delta delta = Delta.of(AdaptiveSparseSoftmax.DEFAULT_DELTA);
  private Reduction reduction = Reduction.AUTO;

  MultiLabelAdaptiveSparseSoftmaxBuilder() {}

  /**
   * The margin δ in (0, 1]; {@value AdaptiveSparseSoftmax#DEFAULT_DELTA} by default. 1 is the plain multi-label loss.
   *
   * @throws IllegalArgumentException if it is outside (0, 1] or NaN
   */
  public MultiLabelAdaptiveSparseSoftmaxBuilder delta(double value) {
    this.delta = Delta.of(value);
    return this;
  }

  /**
   * The margin δ as a scalar of the graph. It is converted to the logits' type; a run fails if its value is outside (0, 1]
   * or NaN.
   *
   * @throws IllegalArgumentException if it is no scalar of a floating type
   */
  public MultiLabelAdaptiveSparseSoftmaxBuilder delta(Operand<? extends TNumber> value) {
    this.delta = Delta.of(value);
    return this;
  }

  /**
   * How the losses of the rows become the loss; {@link Reduction#AUTO} by default. {@code AUTO} and {@code
   * SUM_OVER_BATCH_SIZE} are the weighted mean over the rows, Σ w<sub>n</sub> l<sub>n</sub> / Σ w<sub>n</sub>, and 0 where Σ
   * w<sub>n</sub> is 0; {@code SUM} is the weighted sum; {@code NONE} gives one weighted loss per row.
   */
  public MultiLabelAdaptiveSparseSoftmaxBuilder reduction(Reduction kind) {
    this.reduction = kind;
    return this;
  }

  /** The loss. */
  public MultiLabelAdaptiveSparseSoftmax build() {
    return new MultiLabelAdaptiveSparseSoftmax(delta, reduction);
  }
}
