package org.adaptivesoftmax.lifecycle;

import org.adaptivesoftmax.internal.io.Require;

/**
 * How much drift is too much. A threshold is exceeded if the lower end of a figure's interval is above it.
 *
 * @param rebucketJsDivergence bits of {@link Drift#jsDivergence}
 * @param retrainJsDivergence bits of {@link Drift#jsDivergence}
 * @param rebucketLinf share of the tokens
 * @param rebucketUnknownRate share of the tokens that is unknown now and was not then
 * @param retrainUnknownRate share of the tokens that is unknown now and was not then
 * @param rebucketCostRatio multiple of the planned cost
 * @param rebucketMigrations share of the tokens that would move, up or down, whichever is more
 */
public record DriftThresholds(
    double rebucketJsDivergence,
    double retrainJsDivergence,
    double rebucketLinf,
    double rebucketUnknownRate,
    double retrainUnknownRate,
    double rebucketCostRatio,
    double rebucketMigrations) {
  /** The defaults of {@link Builder}. */
  public static final DriftThresholds DEFAULT = builder().build();

  /** {@return settings, each with a default} */
  public static Builder builder() {
    return new Builder();
  }

  /** Each threshold by name. */
  public static final class Builder {
    private double rebucketJsDivergence = 0.05;
    private double retrainJsDivergence = 0.2;
    private double rebucketLinf = 0.03;
    private double rebucketUnknownRate = 0.02;
    private double retrainUnknownRate = 0.1;
    private double rebucketCostRatio = 1.1;
    private double rebucketMigrations = 0.05;

    private Builder() {}

    /** {@return the thresholds} */
    public DriftThresholds build() {
      return new DriftThresholds(
          rebucketJsDivergence,
          retrainJsDivergence,
          rebucketLinf,
          rebucketUnknownRate,
          retrainUnknownRate,
          rebucketCostRatio,
          rebucketMigrations);
    }
  }
}
