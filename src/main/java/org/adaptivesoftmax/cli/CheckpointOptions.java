package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.IntSupplier;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.training.LanguageModelTrainer;
import picocli.CommandLine.Option;

/** What a command does with the checkpoints that an interrupted run left. */
final class CheckpointOptions {
  @Option(
      names = "--resume",
      description = "Go on from the last checkpoint of an interrupted run with the same options.")
  private boolean resume;

  @Option(
      names = "--restart",
      description = "Delete the checkpoints of an interrupted run, and begin anew.")
  private boolean restart;

  /** As {@code --resume}. */
  static CheckpointOptions resuming() {
    CheckpointOptions options = new CheckpointOptions();
    options.resume = true;
    return options;
  }

  /**
   * Makes sure that no work is lost that nobody gave up.
   *
   * @throws IllegalArgumentException if there are checkpoints and neither option
   */
  void check(Path checkpoints) throws IOException {
    Require.argument(
        resume || restart || !LanguageModelTrainer.hasCheckpoint(checkpoints),
        "an interrupted run left checkpoints in %s: give --resume to go on from them, or --restart"
            + " to delete them and begin anew",
        checkpoints);
  }

  /** Deletes what is not gone on from. */
  void deleteUnlessResuming(Path checkpoints) throws IOException {
    if (!resume) {
      LanguageModelTrainer.deleteCheckpoints(checkpoints);
    }
  }

  /** Goes on from the latest checkpoint of a directory, and says whether there was one. */
  @FunctionalInterface
  interface Resuming {
    boolean from(Path checkpoints) throws IOException;
  }

  /**
   * Takes a new trainer to where it shall begin.
   *
   * @param resuming its own
   * @param epochsDone by it
   */
  void apply(Path checkpoints, Resuming resuming, IntSupplier epochsDone) throws IOException {
    if (!resume) {
      return;
    }
    if (resuming.from(checkpoints)) {
      System.err.println("resuming after epoch " + epochsDone.getAsInt());
    } else {
      System.err.println("no checkpoint in " + checkpoints + ": beginning anew");
    }
  }
}
