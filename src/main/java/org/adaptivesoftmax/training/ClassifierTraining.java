package org.adaptivesoftmax.training;

/**
 * How a text classifier is trained: Adam over shuffled batches with a learning rate that falls linearly, judged by the
 * validation examples after every epoch. The weights of the epoch with the best validation accuracy are kept.
 *
 * @param batch examples of a batch, 64 by default
 * @param epochs passes over the examples at most, 12 by default
 * @param learningRate of the first step, 3e-3 by default
 * @param finalLearningRate of the last step, a tenth of the first by default
 * @param loss what is minimised, softmax by default
 * @param patience epochs without a better validation accuracy after which training stops, 3 by default
 */
public record ClassifierTraining(
    int batch,
    int epochs,
    double learningRate,
    double finalLearningRate,
    ClassifierLoss loss,
    int patience) {
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
    Requirement.that(batch >= 1, "batch must be at least 1: " + batch);
    Requirement.that(epochs >= 1, "epochs must be at least 1: " + epochs);
    Requirement.positive("learningRate", learningRate);
    Requirement.positive("finalLearningRate", finalLearningRate);
    Requirement.that(patience >= 1, "patience must be at least 1: " + patience);
  }

  /**
   * The learning rate of a batch: a straight line from the first rate to the last.
   *
   * @param number of the batch, counted from 1 over all epochs
   * @param total batches of all epochs
   */
  double rate(long number, long total) {
    double done = total == 1 ? 0 : (number - 1) / (double) (total - 1);
    return learningRate + (finalLearningRate - learningRate) * done;
  }

  /** Starts a configuration, everything at its default. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects the values of a {@link ClassifierTraining}. */
  public static final class Builder {
    private static final double FALL = 10;

    private int batch = DEFAULT_BATCH;
    private int epochs = DEFAULT_EPOCHS;
    private double learningRate = DEFAULT_LEARNING_RATE;
    private double finalLearningRate = Double.NaN;
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
      double last = Double.isNaN(finalLearningRate) ? learningRate / FALL : finalLearningRate;
      return new ClassifierTraining(batch, epochs, learningRate, last, loss, patience);
    }
  }
}
