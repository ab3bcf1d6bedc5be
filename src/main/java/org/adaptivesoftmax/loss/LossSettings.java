package org.adaptivesoftmax.loss;

import java.util.OptionalLong;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.internal.io.Require;
import org.jspecify.annotations.Nullable;

/**
 * How a layer's loss is computed from its scores, the same in every call; {@link LossOptions} are what may change from call
 * to call. Immutable: each method that sets something returns new settings.
 */
public final class LossSettings {
  private final LabelOrder order;
  private final Reduction reduction;
  private final OptionalLong ignoreIndex;
  private final double labelSmoothing;
  private final double tailDropout;
  private final long dropoutSeed;
  private final double @Nullable [] classWeights;

  private LossSettings(
      LabelOrder order,
      Reduction reduction,
      OptionalLong ignoreIndex,
      double labelSmoothing,
      double tailDropout,
      long dropoutSeed,
      double @Nullable [] classWeights) {
    this.order = order;
    this.reduction = reduction;
    this.ignoreIndex = ignoreIndex;
    this.labelSmoothing = labelSmoothing;
    this.tailDropout = tailDropout;
    this.dropoutSeed = dropoutSeed;
    this.classWeights = classWeights;
  }

  /** The mean over all rows, no smoothing, no dropout, every class weighed 1. */
  public static LossSettings of(LabelOrder order) {
    return new LossSettings(order, Reduction.MEAN, OptionalLong.empty(), 0, 0, 0, null);
  }

  /** These settings with another reduction of the rows' losses. */
  public LossSettings reduction(Reduction kind) {
    return new LossSettings(
        order, kind, ignoreIndex, labelSmoothing, tailDropout, dropoutSeed, classWeights);
  }

  /** These settings with the target of rows without a label, or none. */
  public LossSettings ignoreIndex(OptionalLong target) {
    return new LossSettings(
        order, reduction, target, labelSmoothing, tailDropout, dropoutSeed, classWeights);
  }

  /**
   * These settings with a share of the target distribution spread evenly at each level.
   *
   * @throws IllegalArgumentException if it is not in [0, 1)
   */
  public LossSettings labelSmoothing(double share) {
    requireShare("labelSmoothing", share);
    return new LossSettings(
        order, reduction, ignoreIndex, share, tailDropout, dropoutSeed, classWeights);
  }

  /**
   * These settings with dropout on the tail projections in training.
   *
   * @throws IllegalArgumentException if the rate is not in [0, 1)
   */
  public LossSettings tailDropout(double rate, long seed) {
    requireShare("tailDropout", rate);
    return new LossSettings(
        order, reduction, ignoreIndex, labelSmoothing, rate, seed, classWeights);
  }

  /**
   * These settings with one weight per class, by increasing class id.
   *
   * @throws IllegalArgumentException if there is not one for each class, or one is negative or not finite
   */
  public LossSettings classWeights(double... weights) {
    Require.argument(
        weights.length == order.size(),
        "classWeights must hold nClasses %d values: %d",
        order.size(),
        weights.length);
    for (int i = 0; i < weights.length; i++) {
      if (!(weights[i] >= 0 && Double.isFinite(weights[i]))) {
        throw new IllegalArgumentException(
            "classWeights must be finite and not negative: " + weights[i] + " at " + i);
      }
    }
    return new LossSettings(
        order, reduction, ignoreIndex, labelSmoothing, tailDropout, dropoutSeed, weights.clone());
  }

  /** The class ids by rank. */
  public LabelOrder order() {
    return order;
  }

  /** How the rows' losses become the loss. */
  public Reduction reduction() {
    return reduction;
  }

  OptionalLong ignoreIndex() {
    return ignoreIndex;
  }

  double labelSmoothing() {
    return labelSmoothing;
  }

  double tailDropout() {
    return tailDropout;
  }

  long dropoutSeed() {
    return dropoutSeed;
  }

  /** By increasing class id; null weighs every class 1. */
  double @Nullable [] classWeights() {
    return classWeights;
  }

  private static void requireShare(String name, double value) {
    Require.argument(value >= 0 && value < 1, "%s must be in [0, 1): %s", name, value);
  }
}
