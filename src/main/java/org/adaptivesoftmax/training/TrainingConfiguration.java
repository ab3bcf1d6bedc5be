package org.adaptivesoftmax.training;

import org.adaptivesoftmax.internal.graph.Checks;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.model.ComputePrecision;
import org.jspecify.annotations.Nullable;

/**
 * How a language model is trained: Adam over windows of parallel streams, with truncated backpropagation, a learning rate
 * that falls linearly and gradients clipped by their global norm.
 *
 * @param batch parallel streams, 32 by default
 * @param steps time steps of a window, 20 by default
 * @param epochs passes over the text, 1 by default
 * @param learningRate of each step; by default it falls from 4e-3 to a tenth of that
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
    LearningRate learningRate,
    double clipNorm,
    double delta,
    ComputePrecision precision) {
  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public TrainingConfiguration {
    Require.argument(batch >= 1, "batch must be at least 1: %s", batch);
    Require.argument(steps >= 1, "steps must be at least 1: %s", steps);
    Require.argument(epochs >= 1, "epochs must be at least 1: %s", epochs);
    Require.argument(
        clipNorm > 0 && !Double.isInfinite(clipNorm),
        "clipNorm must be above 0 and finite: %s",
        clipNorm);
    Checks.delta("delta", delta);
  }

  /** The configuration with so many times the batch. */
  TrainingConfiguration times(int replicas) {
    return new TrainingConfiguration(
        Math.multiplyExact(batch, replicas),
        steps,
        epochs,
        learningRate,
        clipNorm,
        delta,
        precision);
  }

  /** Starts a configuration, everything at its default. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects the values of a {@link TrainingConfiguration}. */
  public static final class Builder {
    private int batch = 32;
    private int steps = 20;
    private int epochs = 1;
    private double learningRate = 4e-3;
    private @Nullable Double finalLearningRate;
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
      LearningRate rate =
          finalLearningRate == null
              ? LearningRate.falling(learningRate)
              : new LearningRate(learningRate, finalLearningRate);
      return new TrainingConfiguration(batch, steps, epochs, rate, clipNorm, delta, precision);
    }
  }
}
