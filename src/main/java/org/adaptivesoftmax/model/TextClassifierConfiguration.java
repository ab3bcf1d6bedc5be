package org.adaptivesoftmax.model;

import org.adaptivesoftmax.internal.io.Require;

/**
 * What a text classifier is made of: the embeddings of a text's n-grams, summed → hidden layer → a logit per class.
 *
 * @param ngrams number of n-grams it knows, at least 1
 * @param classes at least 2
 * @param embedding width of an n-gram's row, 64 by default
 * @param hidden width of the hidden layer, 128 by default
 * @param dropout probability in [0, 1) that a value of the hidden layer's input or output is dropped in training, 0.3 by
 *     default
 * @param seed of every starting value and of dropout, 0 by default
 */
public record TextClassifierConfiguration(
    int ngrams, int classes, int embedding, int hidden, double dropout, long seed) {
  /** Default of {@code embedding}. */
  public static final int DEFAULT_EMBEDDING = 64;

  /** Default of {@code hidden}. */
  public static final int DEFAULT_HIDDEN = 128;

  /** Default of {@code dropout}. */
  public static final double DEFAULT_DROPOUT = 0.3;

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public TextClassifierConfiguration {
    Require.argument(ngrams >= 1, "ngrams must be at least 1: %s", ngrams);
    Require.argument(classes >= 2, "classes must be at least 2: %s", classes);
    Require.argument(embedding >= 1, "embedding must be at least 1: %s", embedding);
    Require.argument(hidden >= 1, "hidden must be at least 1: %s", hidden);
    Require.argument(dropout >= 0 && dropout < 1, "dropout must be in [0, 1): %s", dropout);
  }

  /** Starts a configuration; {@code ngrams} and {@code classes} are required. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects the values of a {@link TextClassifierConfiguration}. */
  public static final class Builder {
    private int ngrams;
    private int classes;
    private int embedding = DEFAULT_EMBEDDING;
    private int hidden = DEFAULT_HIDDEN;
    private double dropout = DEFAULT_DROPOUT;
    private long seed;

    private Builder() {}

    /** Number of n-grams it knows. */
    public Builder ngrams(int count) {
      this.ngrams = count;
      return this;
    }

    /** Number of classes. */
    public Builder classes(int count) {
      this.classes = count;
      return this;
    }

    /** Width of an n-gram's row; 64 by default. */
    public Builder embedding(int width) {
      this.embedding = width;
      return this;
    }

    /** Width of the hidden layer; 128 by default. */
    public Builder hidden(int width) {
      this.hidden = width;
      return this;
    }

    /** Probability that a value of the hidden layer's input or output is dropped in training; 0.3 by default. */
    public Builder dropout(double rate) {
      this.dropout = rate;
      return this;
    }

    /** Seed of every starting value and of dropout; 0 by default. */
    public Builder seed(long value) {
      this.seed = value;
      return this;
    }

    /**
     * The configuration.
     *
     * @throws IllegalArgumentException if a value is missing or out of its range
     */
    public TextClassifierConfiguration build() {
      return new TextClassifierConfiguration(ngrams, classes, embedding, hidden, dropout, seed);
    }
  }
}
