package org.adaptivesoftmax.training;

import org.adaptivesoftmax.internal.io.Require;

/**
 * A learning rate that rises in a straight line from 0 to its peak, and then falls in a straight line to 0 behind the last
 * step, as pretrained encoders are fine-tuned (Devlin et al., 2019).
 *
 * @param peak the highest rate, above 0
 * @param share of all steps in which it rises, in [0, 1)
 */
public record WarmUp(double peak, double share) {
  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public WarmUp {
    Require.argument(
        peak > 0 && !Double.isInfinite(peak), "learningRate must be above 0 and finite: %s", peak);
    Require.argument(share >= 0 && share < 1, "warmUp must be in [0, 1): %s", share);
  }

  /**
   * The rate of a step.
   *
   * @param step counted from 1
   * @param total steps of all epochs
   */
  double at(long step, long total) {
    long rising = (long) Math.ceil(share * total);
    return step <= rising ? peak * step / rising : peak * (total - step + 1) / (total - rising);
  }
}
