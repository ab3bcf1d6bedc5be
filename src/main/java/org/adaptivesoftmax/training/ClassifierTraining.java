package org.adaptivesoftmax.training;

import org.adaptivesoftmax.internal.io.Require;
import org.jspecify.annotations.Nullable;

/**
 * How a text classifier is trained: Adam over shuffled batches with a learning rate that falls linearly, judged by the
 * validation examples after every epoch. The weights of the epoch with the best validation accuracy are kept.
 *
 * @param batch examples of a batch, 64 by default
 * @param epochs passes over the examples at most, 12 by default
 * @param learningRate of each step; by default it falls from 3e-3 to a tenth of that
 * @param loss what is minimised, softmax by default
 * @param patience epochs without a better validation accuracy after which training stops, 3 by default
 */
public record ClassifierTraining(
    int batch, int epochs, LearningRate learningRate, ClassifierLoss loss, int patience) {
  /** Default of {@code batch}. */
  public static final int DEFAULT_BATCH = 64;

  /** Default of {@code epochs}. */
  public static final int DEFAULT_EPOCHS = 12;

  /** Default of {@code learningRate}. */
  public static final double DEFAULT_LEARNING_RATE = 3e-3;

  /** Default of {@code patience}. */
  public static final int DEFAULT_PATIENCE = 3;

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public ClassifierTraining {
    Require.argument(batch >= 1, "batch must be at least 1: %s", batch);
    Require.argument(epochs >= 1, "epochs must be at least 1: %s", epochs);
    Require.argument(patience >= 1, "patience must be at least 1: %s", patience);
  }

  /** Starts a configuration, everything at its default. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects the values of a {@link ClassifierTraining}. */
  public static final class Builder {
    private int batch = DEFAULT_BATCH;
    private int epochs = DEFAULT_EPOCHS;
    private double learningRate = DEFAULT_LEARNING_RATE;
    private @Nullable Double finalLearningRate;
    private ClassifierLoss loss = ClassifierLoss.softmax();
    private int patience = DEFAULT_PATIENCE;

    private Builder() {}

    /** Examples of a batch; 64 by default. */
    public Builder batch(int examples) {
      this.batch = examples;
      return this;
    }

    /** Passes over the examples at most; 12 by default. */
    public Builder epochs(int count) {
      this.epochs = count;
      return this;
    }

    /** Learning rate of the first step; 3e-3 by default. */
    public Builder learningRate(double rate) {
      this.learningRate = rate;
      return this;
    }

    /** Learning rate of the last step; a tenth of the first by default. */
    public Builder finalLearningRate(double rate) {
      this.finalLearningRate = rate;
      return this;
    }

    /** What is minimised; softmax by default. */
    public Builder loss(ClassifierLoss kind) {
      this.loss = kind;
      return this;
    }

    /** Epochs without a better validation accuracy after which training stops; 3 by default. */
    public Builder patience(int count) {
      this.patience = count;
      return this;
    }

    /**
     * The configuration.
     *
     * @throws IllegalArgumentException if a value is out of its range
     */
    public ClassifierTraining build() {
      LearningRate rate =
          finalLearningRate == null
              ? LearningRate.falling(learningRate)
              : new LearningRate(learningRate, finalLearningRate);
      return new ClassifierTraining(batch, epochs, rate, loss, patience);
    }
  }
}
