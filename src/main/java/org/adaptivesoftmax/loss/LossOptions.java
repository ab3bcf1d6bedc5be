package org.adaptivesoftmax.loss;

import org.adaptivesoftmax.internal.graph.Checks;
import org.adaptivesoftmax.internal.graph.Precision;
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
 * @param computeType type in which matrices are multiplied, forward and backward; null, the default, is that of the
 *     weights. With float32 weights and bfloat16 here, training has <em>mixed precision</em>, as PyTorch's {@code autocast}
 *     gives it: input and weights are rounded to bfloat16 for the products alone, log-sum-exp and loss are float32, and every
 *     gradient comes back in float32, so that optimizers add small steps to float32 weights. Each call converts all weights.
 *     A processor gains by it only if it multiplies bfloat16 itself (AVX512-BF16, AMX, GPUs, TPUs); others are slower.
 */
public record LossOptions(
    boolean training,
    @Nullable Operand<? extends TFloating> sampleWeights,
    @Nullable Operand<? extends TFloating> delta,
    @Nullable Class<? extends TFloating> computeType) {
  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if computeType is none of float32, float64, bfloat16 and float16
   */
  public LossOptions {
    if (computeType != null) {
      Precision.requireSupported("computeType", computeType);
    }
  }

  /** No dropout, every row weighed 1, the plain loss, products in the type of the weights. */
  public static LossOptions defaults() {
    return new LossOptions(false, null, null, null);
  }

  /** These options with dropout active or not. */
  public LossOptions training(boolean active) {
    return new LossOptions(active, sampleWeights, delta, computeType);
  }

  /** These options with a weight per row, [N]. */
  public LossOptions sampleWeights(Operand<? extends TFloating> weights) {
    return new LossOptions(training, weights, delta, computeType);
  }

  /**
   * These options with AS-Softmax's margin.
   *
   * @throws IllegalArgumentException if it is not in (0, 1]
   */
  public LossOptions delta(Ops tf, double margin) {
    Checks.delta("delta", margin);
    return delta(tf.constant(margin));
  }

  /** These options with AS-Softmax's margin as a scalar of the graph; the run fails if its value is not in (0, 1]. */
  public LossOptions delta(Operand<? extends TFloating> margin) {
    return new LossOptions(training, sampleWeights, margin, computeType);
  }

  /**
   * These options with products of matrices in another type than that of the weights.
   *
   * @throws IllegalArgumentException if it is none of float32, float64, bfloat16 and float16
   */
  public LossOptions computeType(Class<? extends TFloating> type) {
    return new LossOptions(training, sampleWeights, delta, type);
  }
}
