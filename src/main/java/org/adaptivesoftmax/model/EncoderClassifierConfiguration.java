package org.adaptivesoftmax.model;

import org.adaptivesoftmax.internal.io.Require;

/**
 * What an {@link EncoderClassifier} is made of.
 *
 * @param encoder the encoder
 * @param classes number of classes
 * @param maxLength the most tokens of a text, the first and the last included; what is over is left out at the end
 * @param padding id of the token that fills up texts
 * @param dropout probability that a value is dropped in training
 * @param seed of the output layer's starting values and of dropout
 */
public record EncoderClassifierConfiguration(
    EncoderConfiguration encoder,
    int classes,
    int maxLength,
    int padding,
    double dropout,
    long seed) {
  /** Default of {@code maxLength}. */
  public static final int DEFAULT_MAX_LENGTH = 128;

  /** Default of {@code dropout}. */
  public static final double DEFAULT_DROPOUT = 0;

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public EncoderClassifierConfiguration {
    Require.argument(classes >= 2, "classes must be at least 2: %s", classes);
    int positions = encoder.embeddings().positions();
    Require.argument(
        maxLength >= 3 && maxLength <= positions,
        "maxLength must be in 3..%d (the encoder's positions): %d",
        positions,
        maxLength);
    Require.argument(
        padding >= 0 && padding < encoder.embeddings().vocabulary(),
        "padding must be in 0..%d: %d",
        encoder.embeddings().vocabulary() - 1,
        padding);
    Require.argument(dropout >= 0 && dropout < 1, "dropout must be in [0, 1): %s", dropout);
  }

  /**
   * Starts a configuration.
   *
   * @param encoder of the classifier
   */
  public static Builder builder(EncoderConfiguration encoder) {
    return new Builder(encoder);
  }

  /** Collects the values of an {@link EncoderClassifierConfiguration}. */
  public static final class Builder {
    private final EncoderConfiguration encoder;
    private int classes;
    private int maxLength;
    private int padding;
    private double dropout = DEFAULT_DROPOUT;
    private long seed;

    private Builder(EncoderConfiguration encoder) {
      this.encoder = encoder;
      maxLength = Math.min(DEFAULT_MAX_LENGTH, encoder.embeddings().positions());
    }

    /** Number of classes. */
    public Builder classes(int count) {
      this.classes = count;
      return this;
    }

    /** The most tokens of a text; 128 by default, or as many as the encoder has positions. */
    public Builder maxLength(int tokens) {
      this.maxLength = tokens;
      return this;
    }

    /** Id of the token that fills up texts; 0 by default. */
    public Builder padding(int id) {
      this.padding = id;
      return this;
    }

    /** Probability that a value is dropped in training; 0 by default. */
    public Builder dropout(double rate) {
      this.dropout = rate;
      return this;
    }

    /** Seed of the output layer's starting values and of dropout; 0 by default. */
    public Builder seed(long value) {
      this.seed = value;
      return this;
    }

    /**
     * The configuration.
     *
     * @throws IllegalArgumentException if a value is missing or out of its range
     */
    public EncoderClassifierConfiguration build() {
      return new EncoderClassifierConfiguration(
          encoder, classes, maxLength, padding, dropout, seed);
    }
  }
}
