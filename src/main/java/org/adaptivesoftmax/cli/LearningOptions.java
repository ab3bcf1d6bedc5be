package org.adaptivesoftmax.cli;

import org.adaptivesoftmax.internal.io.Require;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of a command that trains a network. Each value is checked when it is asked for, before any work. */
final class LearningOptions {
  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "Passes over the text, at most (default: ${DEFAULT-VALUE}).")
  private int epochs;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Texts that are learned side by side (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--learning-rate",
      paramLabel = "R",
      description =
          "Adam's learning rate; it falls to a tenth in the end (default: ${DEFAULT-VALUE}).")
  private double learningRate;

  @Option(
      names = "--dropout",
      paramLabel = "P",
      description =
          "Probability that a value is dropped in training, from 0 to below 1 (default:"
              + " ${DEFAULT-VALUE}).")
  private double dropout;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of every random choice (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private final ThreadsOption threads = new ThreadsOption();

  /**
   * The defaults of a command.
   *
   * @param epochs passes over the text
   * @param batch texts of a step
   * @param learningRate of the first step
   * @param dropout probability
   */
  LearningOptions(int epochs, int batch, double learningRate, double dropout) {
    this.epochs = epochs;
    this.batch = batch;
    this.learningRate = learningRate;
    this.dropout = dropout;
  }

  int epochs() {
    return atLeast1("--epochs", epochs);
  }

  int batch() {
    return atLeast1("--batch", batch);
  }

  double learningRate() {
    Require.argument(
        learningRate > 0 && Double.isFinite(learningRate),
        "--learning-rate must be above 0 and finite: %s",
        learningRate);
    return learningRate;
  }

  double dropout() {
    Require.argument(dropout >= 0 && dropout < 1, "--dropout must be in [0, 1): %s", dropout);
    return dropout;
  }

  long seed() {
    return seed;
  }

  /** The number of threads; 0 for as many as there are processors. */
  int threads() {
    return threads.threads();
  }

  /** A number that must be positive. */
  static int atLeast1(String option, int value) {
    Require.argument(value >= 1, "%s must be at least 1: %d", option, value);
    return value;
  }
}
