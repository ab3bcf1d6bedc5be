package org.adaptivesoftmax.assoftmax;

import org.tensorflow.Operand;
import org.tensorflow.framework.losses.Reduction;
import org.tensorflow.types.family.TNumber;

/** Configuration of an {@link AdaptiveSparseSoftmax}. Everything has a default. */
public final class AdaptiveSparseSoftmaxBuilder {
  private Delta delta = Delta.of(AdaptiveSparseSoftmax.DEFAULT_DELTA);
  private long ignoreIndex = AdaptiveSparseSoftmax.DEFAULT_IGNORE_INDEX;
  private Reduction reduction = Reduction.AUTO;

  AdaptiveSparseSoftmaxBuilder() {}

  /**
   * The margin δ by which the target must beat a class for the class to be dropped, in (0, 1]; {@value
   * AdaptiveSparseSoftmax#DEFAULT_DELTA} by default. 1 is plain softmax.
   *
   * @throws IllegalArgumentException if it is outside (0, 1] or NaN
   */
  public AdaptiveSparseSoftmaxBuilder delta(double value) {
    this.delta = Delta.of(value);
    return this;
  }

  /**
   * The margin δ as a scalar of the graph, so that a schedule ({@link DeltaSchedule}) changes it from step to step. It is
   * converted to the logits' type; a run fails if its value is outside (0, 1] or NaN.
   *
   * @throws IllegalArgumentException if it is no scalar of a floating type
   */
  public AdaptiveSparseSoftmaxBuilder delta(Operand<? extends TNumber> value) {
    this.delta = Delta.of(value);
    return this;
  }

  /** The label of a row without a label, which counts nowhere; {@value AdaptiveSparseSoftmax#DEFAULT_IGNORE_INDEX} by default. */
  public AdaptiveSparseSoftmaxBuilder ignoreIndex(long label) {
    this.ignoreIndex = label;
    return this;
  }

  /**
   * How the losses of the rows become the loss; {@link Reduction#AUTO} by default. {@code AUTO} and {@code
   * SUM_OVER_BATCH_SIZE} are the weighted mean over the labelled rows, Σ w<sub>n</sub> l<sub>n</sub> / Σ w<sub>n</sub>, as
   * in PyTorch's {@code cross_entropy}, and 0 with zero gradients where Σ w<sub>n</sub> is 0; {@code SUM} is the weighted
   * sum; {@code NONE} gives one weighted loss per label, 0 for a row without a label.
   */
  public AdaptiveSparseSoftmaxBuilder reduction(Reduction kind) {
    this.reduction = kind;
    return this;
  }

  /** The loss. */
  public AdaptiveSparseSoftmax build() {
    return new AdaptiveSparseSoftmax(delta, ignoreIndex, reduction);
  }
}
