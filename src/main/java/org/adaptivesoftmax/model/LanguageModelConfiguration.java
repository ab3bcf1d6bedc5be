package org.adaptivesoftmax.model;

import java.util.List;
import org.adaptivesoftmax.cluster.ClusterPlan;

/**
 * What a language model is made of: embedding → LSTM → output layer.
 *
 * @param softmax which output layer
 * @param plan the vocabulary's division into clusters. A full softmax does not compute with it, but its perplexity is
 *     reported by the same clusters.
 * @param embedding width of a word's input row, 256 by default
 * @param dropout probability in [0, 1) that a value of the LSTM's input or output is dropped in training, 0 by default
 * @param seed of every starting value and of dropout, 0 by default
 */
public record LanguageModelConfiguration(
    Softmax softmax, ClusterPlan plan, int embedding, double dropout, long seed) {
  /** Default of {@code embedding} and of the LSTM's width. */
  public static final int DEFAULT_WIDTH = 256;

  /** The output layer. */
  public enum Softmax {
    /** {@link org.adaptivesoftmax.AdaptiveSoftmax}. */
    ADAPTIVE,
    /** {@link org.adaptivesoftmax.FullSoftmax}. */
    FULL
  }

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public LanguageModelConfiguration {
    if (embedding < 1) {
      throw new IllegalArgumentException("embedding must be at least 1: " + embedding);
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("dropout must be in [0, 1): " + dropout);
    }
  }

  /** Number of words. */
  public int vocabulary() {
    return plan.nClasses();
  }

  /** Width of the LSTM. */
  public int hidden() {
    return plan.inFeatures();
  }

  /** The same model with another output layer. */
  public LanguageModelConfiguration withSoftmax(Softmax kind) {
    return new LanguageModelConfiguration(kind, plan, embedding, dropout, seed);
  }

  /** Starts a configuration; {@code vocabulary} and {@code cutoffs} are required. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects the values of a {@link LanguageModelConfiguration}. */
  public static final class Builder {
    private Softmax softmax = Softmax.ADAPTIVE;
    private int vocabulary;
    private List<Integer> cutoffs = List.of();
    private double divValue = ClusterPlan.DEFAULT_DIV_VALUE;
    private int embedding = DEFAULT_WIDTH;
    private int hidden = DEFAULT_WIDTH;
    private double dropout;
    private long seed;

    private Builder() {}

    /** Which output layer; adaptive by default. */
    public Builder softmax(Softmax kind) {
      this.softmax = kind;
      return this;
    }

    /** Number of words, at least 2. */
    public Builder vocabulary(int words) {
      this.vocabulary = words;
      return this;
    }

    /** Where the vocabulary, ranked by frequency, is cut into clusters. */
    public Builder cutoffs(List<Integer> values) {
      this.cutoffs = values;
      return this;
    }

    /** Factor by which tail projections narrow; 4 by default. */
    public Builder divValue(double value) {
      this.divValue = value;
      return this;
    }

    /** Width of a word's input row; 256 by default. */
    public Builder embedding(int width) {
      this.embedding = width;
      return this;
    }

    /** Width of the LSTM; 256 by default. */
    public Builder hidden(int width) {
      this.hidden = width;
      return this;
    }

    /** Probability that a value of the LSTM's input or output is dropped in training; 0 by default. */
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
    public LanguageModelConfiguration build() {
      return new LanguageModelConfiguration(
          softmax,
          new ClusterPlan(hidden, vocabulary, cutoffs, divValue),
          embedding,
          dropout,
          seed);
    }
  }
}
