package org.adaptivesoftmax.cli;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of a command that times contenders in processes of their own. */
final class ContenderOptions {
  private static final String PYTHON = "ADAPTIVE_SOFTMAX_PYTHON";

  private enum Peer {
    pytorch
  }

  @Option(
      names = "--peer",
      description =
          "Also time ${COMPLETION-CANDIDATES}'s module; the variable "
              + PYTHON
              + " names the Python, python3 by default.")
  private @Nullable Peer peer;

  @Option(
      names = "--rounds",
      defaultValue = "15",
      description = "Timed steps or calls of each contender. Default: ${DEFAULT-VALUE}.")
  int rounds = 15;

  @Option(names = "--threads", description = "Threads of each contender. Default: all.")
  int threads = Runtime.getRuntime().availableProcessors();

  /** The command of a Python that has PyTorch; null leaves PyTorch out. */
  @Nullable String python() {
    return peer == Peer.pytorch
        ? Optional.ofNullable(System.getenv(PYTHON)).orElse("python3")
        : null;
  }
}
