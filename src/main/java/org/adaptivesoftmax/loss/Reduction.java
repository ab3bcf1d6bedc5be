package org.adaptivesoftmax.loss;

/** How the losses of the rows become the loss, as PyTorch's {@code reduction}. */
public enum Reduction {
  /** No reduction: the loss has one weighted value per row, 0 for a row without a label. */
  NONE,
  /** The weighted sum over the rows. */
  SUM,
  /**
   * The weighted mean over the labelled rows, Σ w<sub>n</sub> l<sub>n</sub> / Σ w<sub>n</sub>, as PyTorch's {@code
   * cross_entropy}; 0, with zero gradients, where Σ w<sub>n</sub> is 0.
   */
  MEAN
}
