package org.adaptivesoftmax.model;

import org.adaptivesoftmax.internal.io.Require;

/**
 * What a {@link TransformerEncoder} is made of. Defaults are BERT's base model without case (Devlin et al., 2019).
 *
 * @param embeddings what a token becomes first
 * @param layers number of layers, 12 by default
 * @param heads of each layer's attention, which divide the width, 12 by default
 * @param intermediate width of the feed-forward part, 3,072 by default
 * @param epsilon added to variances by LayerNorm, 1e-12 by default
 * @param pooling how a text's states become one, {@link Pooling#MEAN} by default
 */
public record EncoderConfiguration(
    Embeddings embeddings,
    int layers,
    int heads,
    int intermediate,
    double epsilon,
    Pooling pooling) {
  /** How the states of a text's tokens become one. */
  public enum Pooling {
    /** The mean over all of them. */
    MEAN,
    /** The state of the first. */
    FIRST_TOKEN
  }

  /**
   * The tables that a token's first state is summed from.
   *
   * @param vocabulary number of tokens, 30,522 by default
   * @param positions the most tokens of a text, 512 by default
   * @param types of tokens, 2 by default; a single text has type 0 alone
   * @param width of every state, 768 by default
   */
  public record Embeddings(int vocabulary, int positions, int types, int width) {
    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one is below 1
     */
    public Embeddings {
      requirePositive("vocabulary", vocabulary);
      requirePositive("positions", positions);
      requirePositive("types", types);
      requirePositive("width", width);
    }
  }

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public EncoderConfiguration {
    requirePositive("layers", layers);
    requirePositive("heads", heads);
    requirePositive("intermediate", intermediate);
    Require.argument(
        embeddings.width() % heads == 0,
        "heads must divide the width %d: %d",
        embeddings.width(),
        heads);
    Require.argument(
        epsilon > 0 && Double.isFinite(epsilon), "epsilon must be above 0 and finite: %s", epsilon);
  }

  /** Width of every state. */
  public int width() {
    return embeddings.width();
  }

  /** Starts a configuration, everything at its default. */
  public static Builder builder() {
    return new Builder();
  }

  static void requirePositive(String name, int value) {
    Require.argument(value >= 1, "%s must be at least 1: %s", name, value);
  }

  /** Collects the values of an {@link EncoderConfiguration}. */
  public static final class Builder {
    private int vocabulary = 30_522;
    private int positions = 512;
    private int types = 2;
    private int width = 768;
    private int layers = 12;
    private int heads = 12;
    private int intermediate = 3_072;
    private double epsilon = 1e-12;
    private Pooling pooling = Pooling.MEAN;

    private Builder() {}

    /** Number of tokens; 30,522 by default. */
    public Builder vocabulary(int tokens) {
      this.vocabulary = tokens;
      return this;
    }

    /** The most tokens of a text; 512 by default. */
    public Builder positions(int most) {
      this.positions = most;
      return this;
    }

    /** Number of token types; 2 by default. */
    public Builder types(int count) {
      this.types = count;
      return this;
    }

    /** Width of every state; 768 by default. */
    public Builder width(int values) {
      this.width = values;
      return this;
    }

    /** Number of layers; 12 by default. */
    public Builder layers(int count) {
      this.layers = count;
      return this;
    }

    /** Heads of each layer's attention; 12 by default. */
    public Builder heads(int count) {
      this.heads = count;
      return this;
    }

    /** Width of the feed-forward part; 3,072 by default. */
    public Builder intermediate(int values) {
      this.intermediate = values;
      return this;
    }

    /** Added to variances by LayerNorm; 1e-12 by default. */
    public Builder epsilon(double value) {
      this.epsilon = value;
      return this;
    }

    /** How a text's states become one; {@link Pooling#MEAN} by default. */
    public Builder pooling(Pooling how) {
      this.pooling = how;
      return this;
    }

    /**
     * The configuration.
     *
     * @throws IllegalArgumentException if a value is out of its range
     */
    public EncoderConfiguration build() {
      return new EncoderConfiguration(
          new Embeddings(vocabulary, positions, types, width),
          layers,
          heads,
          intermediate,
          epsilon,
          pooling);
    }
  }
}
