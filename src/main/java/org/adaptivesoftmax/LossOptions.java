package org.adaptivesoftmax;

import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * What may change from one call of an output layer to the next.
 *
 * @param training whether dropout is active; false by default
 * @param sampleWeights one weight per row, [N]; null, the default, weighs every row 1
 * @param delta AS-Softmax's margin δ in (0, 1], a scalar: the loss is −log p<sub>t</sub> + log Σ p<sub>i</sub> over the
 *     classes with p<sub>t</sub> − p<sub>i</sub> ≤ δ (Lv et al., "Adaptive Sparse Softmax", 2025), so that a row whose
 *     target leads every other class by more than δ is finished: its loss and gradient are exactly 0, and its backward pass
 *     is left out. null, the default, and 1 are the plain loss.
 */
public record LossOptions(
    boolean training,
    @Nullable Operand<? extends TFloating> sampleWeights,
    @Nullable Operand<? extends TFloating> delta) {
  /** No dropout, every row weighed 1, the plain loss. */
  public static LossOptions defaults() {
    return new LossOptions(false, null, null);
  }

  /** These options with dropout active or not. */
  public LossOptions training(boolean active) {
    return new LossOptions(active, sampleWeights, delta);
  }

  /** These options with a weight per row, [N]. */
  public LossOptions sampleWeights(Operand<? extends TFloating> weights) {
    return new LossOptions(training, weights, delta);
  }

  /**
   * These options with AS-Softmax's margin.
   *
   * @throws IllegalArgumentException if it is not in (0, 1]
   */
  public LossOptions delta(Ops tf, double margin) {
    Require.argument(margin > 0 && margin <= 1, "delta must be in (0, 1]: %s", margin);
    return delta(tf.constant(margin));
  }

  /** These options with AS-Softmax's margin as a scalar of the graph; the run fails if its value is not in (0, 1]. */
  public LossOptions delta(Operand<? extends TFloating> margin) {
    return new LossOptions(training, sampleWeights, margin);
  }
}
