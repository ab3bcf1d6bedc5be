package org.adaptivesoftmax.training;

import org.adaptivesoftmax.model.ComputePrecision;

/**
 * How a language model is trained: Adam over windows of parallel streams, with truncated backpropagation, a learning rate
 * that falls linearly and gradients clipped by their global norm.
 *
 * @param batch parallel streams, 32 by default
 * @param steps time steps of a window, 20 by default
 * @param epochs passes over the text, 1 by default
 * @param learningRate of the first step, 4e-3 by default
 * @param finalLearningRate of the last step, a tenth of the first by default
 * @param clipNorm limit of the gradients' global norm, 1 by default
 * @param delta AS-Softmax's margin in (0, 1], see {@link org.adaptivesoftmax.loss.LossOptions}; 1, the default, is the plain
 *     loss
 * @param precision type in which the training step multiplies matrices, float32 by default. Weights, gradients and moments
 *     are float32 in any case, and so is what is computed with them outside training.
 */
public record TrainingConfiguration(
    int batch,
    int steps,
    int epochs,
    double learningRate,
    double finalLearningRate,
    double clipNorm,
    double delta,
    ComputePrecision precision) {
  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public TrainingConfiguration {
    Requirement.that(batch >= 1, "batch must be at least 1: " + batch);
    Requirement.that(steps >= 1, "steps must be at least 1: " + steps);
    Requirement.that(epochs >= 1, "epochs must be at least 1: " + epochs);
    Requirement.positive("learningRate", learningRate);
    Requirement.positive("finalLearningRate", finalLearningRate);
    Requirement.positive("clipNorm", clipNorm);
    Requirement.that(delta > 0 && delta <= 1, "delta must be in (0, 1]: " + delta);
  }

  /**
   * The learning rate of a step: a straight line from the first rate to the last.
   *
   * @param step counted from 1
   * @param total steps of all epochs
   */
  double rate(long step, long total) {
    double done = total == 1 ? 0 : (step - 1) / (double) (total - 1);
    return learningRate + (finalLearningRate - learningRate) * done;
  }

  /** Starts a configuration, everything at its default. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects the values of a {@link TrainingConfiguration}. */
  public static final class Builder {
    private static final double FALL = 10;

    private int batch = 32;
    private int steps = 20;
    private int epochs = 1;
    private double learningRate = 4e-3;
    private double finalLearningRate = Double.NaN;
    private double clipNorm = 1;
    private double delta = 1;
    private ComputePrecision precision = ComputePrecision.FLOAT32;

    private Builder() {}

    /** Parallel streams; 32 by default. */
    public Builder batch(int streams) {
      this.batch = streams;
      return this;
    }

    /** Time steps of a window; 20 by default. */
    public Builder steps(int count) {
      this.steps = count;
      return this;
    }

    /** Passes over the text; 1 by default. */
    public Builder epochs(int count) {
      this.epochs = count;
      return this;
    }

    /** Learning rate of the first step; 4e-3 by default. */
    public Builder learningRate(double rate) {
      this.learningRate = rate;
      return this;
    }

    /** Learning rate of the last step; a tenth of the first by default. */
    public Builder finalLearningRate(double rate) {
      this.finalLearningRate = rate;
      return this;
    }

    /** Limit of the gradients' global norm; 1 by default. */
    public Builder clipNorm(double limit) {
      this.clipNorm = limit;
      return this;
    }

    /** AS-Softmax's margin in (0, 1]; 1 by default, the plain loss. */
    public Builder delta(double margin) {
      this.delta = margin;
      return this;
    }

    /** Type in which the training step multiplies matrices; float32 by default. */
    public Builder precision(ComputePrecision type) {
      this.precision = type;
      return this;
    }

    /**
     * The configuration.
     *
     * @throws IllegalArgumentException if a value is out of its range
     */
    public TrainingConfiguration build() {
      double last = Double.isNaN(finalLearningRate) ? learningRate / FALL : finalLearningRate;
      return new TrainingConfiguration(
          batch, steps, epochs, learningRate, last, clipNorm, delta, precision);
    }
  }
}
