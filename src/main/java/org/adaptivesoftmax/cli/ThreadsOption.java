package org.adaptivesoftmax.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option of a command that computes with TensorFlow. */
final class ThreadsOption {
  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that TensorFlow computes with (default: all processors).")
  private @Nullable Integer threads;

  /** The number of threads; 0 for as many as there are processors. */
  int threads() {
    return threads == null ? 0 : LearningOptions.atLeast1("--threads", threads);
  }
}
