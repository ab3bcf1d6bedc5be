package org.adaptivesoftmax;

import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.types.family.TFloating;

/**
 * What may change from one call of an output layer to the next.
 *
 * @param training whether dropout is active; false by default
 * @param sampleWeights one weight per row, [N]; null, the default, weighs every row 1
 */
public record LossOptions(boolean training, @Nullable Operand<? extends TFloating> sampleWeights) {
  /** No dropout, every row weighed 1. */
  public static LossOptions defaults() {
    return new LossOptions(false, null);
  }

  /** These options with dropout active or not. */
  public LossOptions training(boolean active) {
    return new LossOptions(active, sampleWeights);
  }

  /** These options with a weight per row, [N]. */
  public LossOptions sampleWeights(Operand<? extends TFloating> weights) {
    return new LossOptions(training, weights);
  }
}
