package org.adaptivesoftmax.cli;

import picocli.CommandLine.Option;

/** The option of a command that loads a model which somebody else may have made. */
final class TrustOption {
  @Option(
      names = "--trust-model",
      description =
          "Load the model even if its graph can touch files, processes or the network. No model"
              + " that this program exports does.")
  private boolean trusted;

  boolean trusted() {
    return trusted;
  }
}
