package org.adaptivesoftmax.cli;

import picocli.CommandLine.Option;

/** The widths of a network that a command trains. */
final class NetworkOptions {
  @Option(
      names = "--embedding",
      paramLabel = "N",
      description = "Width of an input row (default: ${DEFAULT-VALUE}).")
  private int embedding;

  @Option(
      names = "--hidden",
      paramLabel = "N",
      description = "Width of the hidden layer (default: ${DEFAULT-VALUE}).")
  private int hidden;

  /** The defaults of a command. */
  NetworkOptions(int embedding, int hidden) {
    this.embedding = embedding;
    this.hidden = hidden;
  }

  int embedding() {
    return LearningOptions.atLeast1("--embedding", embedding);
  }

  int hidden() {
    return LearningOptions.atLeast1("--hidden", hidden);
  }
}
