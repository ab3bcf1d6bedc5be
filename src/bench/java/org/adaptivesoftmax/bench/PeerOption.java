package org.adaptivesoftmax.bench;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether a command also times the same work in PyTorch. */
final class PeerOption {
  private static final String PYTHON = "ADAPTIVE_SOFTMAX_PYTHON";

  private enum Peer {
    pytorch
  }

  @Option(
      names = "--peer",
      description =
          "Also time ${COMPLETION-CANDIDATES}'s; the variable "
              + PYTHON
              + " names the Python, python3 by default.")
  private @Nullable Peer peer;

  /** The command of a Python that has PyTorch; null leaves PyTorch out. */
  @Nullable String python() {
    return peer == Peer.pytorch
        ? Optional.ofNullable(System.getenv(PYTHON)).orElse("python3")
        : null;
  }
}
