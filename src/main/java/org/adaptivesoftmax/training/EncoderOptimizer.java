package org.adaptivesoftmax.training;

import org.adaptivesoftmax.internal.io.Require;

/**
 * How a pretrained encoder is updated: Adam with decoupled weight decay (Loshchilov and Hutter, 2019). Matrices decay; biases,
 * LayerNorms and embeddings do not. The rows of the word embedding are updated where a batch has them.
 *
 * @param rate of the encoder's variables
 * @param headFactor by how much the output layer's rate is higher, above 0, 10 by default
 * @param weightDecay share of a weight that a step of rate 1 takes away, at least 0, 0.01 by default
 * @param clipNorm limit of the Euclidean norm of all gradients together, above 0, 1 by default
 */
public record EncoderOptimizer(
    WarmUp rate, double headFactor, double weightDecay, double clipNorm) {
  /** Default of the rate's peak. */
  public static final double DEFAULT_RATE = 5e-5;

  /** Default of the share of steps in which the rate rises. */
  public static final double DEFAULT_WARM_UP = 0.1;

  /** Default of {@code headFactor}. */
  public static final double DEFAULT_HEAD_FACTOR = 10;

  /** Default of {@code weightDecay}. */
  public static final double DEFAULT_WEIGHT_DECAY = 0.01;

  /** Default of {@code clipNorm}. */
  public static final double DEFAULT_CLIP_NORM = 1;

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public EncoderOptimizer {
    Require.argument(
        headFactor > 0 && !Double.isInfinite(headFactor),
        "headFactor must be above 0 and finite: %s",
        headFactor);
    Require.argument(
        weightDecay >= 0 && !Double.isInfinite(weightDecay),
        "weightDecay must be at least 0 and finite: %s",
        weightDecay);
    Require.argument(clipNorm > 0, "clipNorm must be above 0: %s", clipNorm);
  }

  /** Everything at its default but the rate's peak. */
  public static EncoderOptimizer withRate(double peak) {
    return new EncoderOptimizer(
        new WarmUp(peak, DEFAULT_WARM_UP),
        DEFAULT_HEAD_FACTOR,
        DEFAULT_WEIGHT_DECAY,
        DEFAULT_CLIP_NORM);
  }
}
