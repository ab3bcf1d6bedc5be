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
    private double rebucketLinf = 0.05;
    private double rebucketUnknownRate = 0.02;
    private double retrainUnknownRate = 0.1;
    private double rebucketCostRatio = 1.1;
    private double rebucketMigrations = 0.05;

    private Builder() {}

    /**
     * The divergence above which the model is to be re-bucketed.
     *
     * @param rebucketJsDivergence bits, in 0..1. Default: 0.05: of a model of all of WordNet's definitions,
     *     those of nouns alone, most of them, have 0.01, and those of adjectives 0.08
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public Builder rebucketJsDivergence(double rebucketJsDivergence) {
      Require.argument(
          rebucketJsDivergence >= 0 && rebucketJsDivergence <= 1,
          "rebucketJsDivergence must be in 0..1: %s",
          rebucketJsDivergence);
      this.rebucketJsDivergence = rebucketJsDivergence;
      return this;
    }

    /**
     * The divergence above which the model is to be trained anew.
     *
     * @param retrainJsDivergence bits, in 0..1. Default: 0.2: of a model of the definitions of nouns, those
     *     of verbs have 0.21
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public Builder retrainJsDivergence(double retrainJsDivergence) {
      Require.argument(
          retrainJsDivergence >= 0 && retrainJsDivergence <= 1,
          "retrainJsDivergence must be in 0..1: %s",
          retrainJsDivergence);
      this.retrainJsDivergence = retrainJsDivergence;
      return this;
    }

    /**
     * The change of one token's share above which the model is to be re-bucketed.
     *
     * @param rebucketLinf share of the tokens, in 0..1. Default: 0.05, as only a token of the head can change so much, and then
     *     as much as all but the most frequent ones have
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public Builder rebucketLinf(double rebucketLinf) {
      Require.argument(
          rebucketLinf >= 0 && rebucketLinf <= 1, "rebucketLinf must be in 0..1: %s", rebucketLinf);
      this.rebucketLinf = rebucketLinf;
      return this;
    }

    /**
     * The share of tokens newly unknown above which the model is to be re-bucketed, which gives them a place.
     *
     * @param rebucketUnknownRate share of the tokens, in 0..1. Default: 0.02, a word in every second sentence of 25
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public Builder rebucketUnknownRate(double rebucketUnknownRate) {
      Require.argument(
          rebucketUnknownRate >= 0 && rebucketUnknownRate <= 1,
          "rebucketUnknownRate must be in 0..1: %s",
          rebucketUnknownRate);
      this.rebucketUnknownRate = rebucketUnknownRate;
      return this;
    }

    /**
     * The share of tokens newly unknown above which the model is to be trained anew.
     *
     * @param retrainUnknownRate share of the tokens, in 0..1. Default: 0.1, more than one word in a sentence of ten
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public Builder retrainUnknownRate(double retrainUnknownRate) {
      Require.argument(
          retrainUnknownRate >= 0 && retrainUnknownRate <= 1,
          "retrainUnknownRate must be in 0..1: %s",
          retrainUnknownRate);
      this.retrainUnknownRate = retrainUnknownRate;
      return this;
    }

    /**
     * The expected cost above which the model is to be re-bucketed.
     *
     * @param rebucketCostRatio multiple of the planned cost, at least 1. Default: 1.1, a tenth of the machines that answer
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public Builder rebucketCostRatio(double rebucketCostRatio) {
      Require.argument(
          rebucketCostRatio >= 1, "rebucketCostRatio must be at least 1: %s", rebucketCostRatio);
      this.rebucketCostRatio = rebucketCostRatio;
      return this;
    }

    /**
     * The share of tokens in another cluster above which the model is to be re-bucketed.
     *
     * @param rebucketMigrations share of the tokens, in 0..1, up or down, whichever is more. Default: 0.05, about what a tail
     *     cluster holds
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public Builder rebucketMigrations(double rebucketMigrations) {
      Require.argument(
          rebucketMigrations >= 0 && rebucketMigrations <= 1,
          "rebucketMigrations must be in 0..1: %s",
          rebucketMigrations);
      this.rebucketMigrations = rebucketMigrations;
      return this;
    }

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
