package org.adaptivesoftmax.bench;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of a command that times contenders in processes of their own. */
final class ContenderOptions {
  @Mixin private final PeerOption peer = new PeerOption();

  @Option(
      names = "--rounds",
      defaultValue = "15",
      description = "Timed steps or calls of each contender. Default: ${DEFAULT-VALUE}.")
  int rounds = 15;

  @Option(names = "--threads", description = "Threads of each contender. Default: all.")
  int threads = Runtime.getRuntime().availableProcessors();

  /** The command of a Python that has PyTorch; null leaves PyTorch out. */
  @Nullable String python() {
    return peer.python();
  }
}
