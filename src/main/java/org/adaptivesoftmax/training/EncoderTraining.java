package org.adaptivesoftmax.training;

import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.model.ComputePrecision;

/**
 * How a text classifier with a pretrained encoder is trained: over shuffled batches of texts of like length, judged by the
 * validation examples after every epoch. The weights of the epoch with the best validation accuracy are kept.
 *
 * @param batch examples of a batch, 32 by default
 * @param epochs passes over the examples at most, 3 by default
 * @param patience epochs without a better validation accuracy after which training stops, 3 by default
 * @param loss what is minimised, softmax by default
 * @param optimizer how variables are updated
 * @param frozenLayers how many layers, from the first on, keep their weights, and the embeddings with them; −1, the default,
 *     for none at all
 * @param precision type of the encoder's products, float32 by default
 */
public record EncoderTraining(
    int batch,
    int epochs,
    int patience,
    ClassifierLoss loss,
    EncoderOptimizer optimizer,
    int frozenLayers,
    ComputePrecision precision) {
  /** Default of {@code batch}. */
  public static final int DEFAULT_BATCH = 32;

  /** Default of {@code epochs}. */
  public static final int DEFAULT_EPOCHS = 3;

  /** Default of {@code patience}. */
  public static final int DEFAULT_PATIENCE = 3;

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public EncoderTraining {
    Require.argument(batch >= 1, "batch must be at least 1: %s", batch);
    Require.argument(epochs >= 1, "epochs must be at least 1: %s", epochs);
    Require.argument(patience >= 1, "patience must be at least 1: %s", patience);
    Require.argument(frozenLayers >= -1, "frozenLayers must be at least -1: %s", frozenLayers);
  }

  /** Starts a configuration, everything at its default. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects the values of an {@link EncoderTraining}. */
  public static final class Builder {
    private int batch = DEFAULT_BATCH;
    private int epochs = DEFAULT_EPOCHS;
    private int patience = DEFAULT_PATIENCE;
    private ClassifierLoss loss = ClassifierLoss.softmax();
    private EncoderOptimizer optimizer = EncoderOptimizer.withRate(EncoderOptimizer.DEFAULT_RATE);
    private int frozenLayers = -1;
    private ComputePrecision precision = ComputePrecision.FLOAT32;

    private Builder() {}

    /** Examples of a batch; 32 by default. */
    public Builder batch(int examples) {
      this.batch = examples;
      return this;
    }

    /** Passes over the examples at most; 3 by default. */
    public Builder epochs(int count) {
      this.epochs = count;
      return this;
    }

    /** Epochs without a better validation accuracy after which training stops; 3 by default. */
    public Builder patience(int count) {
      this.patience = count;
      return this;
    }

    /** What is minimised; softmax by default. */
    public Builder loss(ClassifierLoss kind) {
      this.loss = kind;
      return this;
    }

    /** How variables are updated. */
    public Builder optimizer(EncoderOptimizer how) {
      this.optimizer = how;
      return this;
    }

    /** How many layers keep their weights, and the embeddings with them; −1 by default: none at all. */
    public Builder frozenLayers(int count) {
      this.frozenLayers = count;
      return this;
    }

    /** Type of the encoder's products; float32 by default. */
    public Builder precision(ComputePrecision type) {
      this.precision = type;
      return this;
    }

    /**
     * The configuration.
     *
     * @throws IllegalArgumentException if a value is out of its range
     */
    public EncoderTraining build() {
      return new EncoderTraining(batch, epochs, patience, loss, optimizer, frozenLayers, precision);
    }
  }
}
