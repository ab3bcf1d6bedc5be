package org.adaptivesoftmax.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.adaptivesoftmax.internal.io.FileTree;
import org.adaptivesoftmax.internal.io.OptionalLibrary;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.Session;

/**
 * A directory of checkpoints, each a directory {@code step-N} with the values of every variable and the state of the
 * training loop. A checkpoint appears whole or not at all, and goes at once: it is written beside its place and moved there, and
 * moved away before it is deleted. After a power loss the last checkpoint that {@link #save} has returned for is there.
 *
 * @param directory where they are kept; created by the first {@link #save}
 */
record Checkpoints(Path directory) {
  private static final String PREFIX = "step-";
  private static final String PARTIAL = "partial-";
  private static final String VARIABLES = "variables";
  private static final String STATE = "state.json";

  /**
   * Checks, before anything is trained, that a state can be written.
   *
   * @throws IllegalStateException if Jackson is not on the class path
   */
  Checkpoints {
    OptionalLibrary.JACKSON.require("a training's checkpoint");
  }

  /**
   * One whole checkpoint.
   *
   * @param step the optimizer steps done
   * @param state what {@link #save} was given
   */
  record Checkpoint(Path directory, long step, TrainingState state) {
    /** Gives every variable of the session's graph its saved value. */
    void restore(Session session) {
      session.restore(prefix().toString());
    }

    /** Of the files with the values. */
    Path prefix() {
      return directory.resolve(VARIABLES);
    }
  }

  /**
   * Saves every variable of the session's graph; all of them must have been added before the first call. Older
   * checkpoints are deleted when the new one is in its place.
   *
   * @throws IOException if it cannot be written; the older checkpoints are still there, and nothing else
   */
  void save(Session session, long step, TrainingState state) throws IOException {
    save(prefix -> session.save(prefix.toString()), step, state);
  }

  /**
   * Saves variables as somebody else writes them.
   *
   * @param variables writes them to files with a prefix, which {@link Checkpoint#prefix} says again
   * @throws IOException as above
   */
  void save(Consumer<Path> variables, long step, TrainingState state) throws IOException {
    FileTree.createDirectories(directory);
    deleteAll(PARTIAL);
    Path partial = Files.createDirectory(directory.resolve(PARTIAL + step));
    Path place = directory.resolve(PREFIX + step);
    try {
      variables.accept(partial.resolve(VARIABLES));
      state.write(partial.resolve(STATE));
      FileTree.moveTo(partial, place);
    } catch (Throwable failure) {
      deleteUnfinished(partial, failure);
      throw failure;
    }
    for (Path older : list(PREFIX)) {
      if (!older.equals(place)) {
        delete(older);
      }
    }
  }

  /** Deletes all checkpoints, and the directory. */
  void delete() throws IOException {
    if (Files.isDirectory(directory)) {
      for (Path checkpoint : list(PREFIX)) {
        delete(checkpoint);
      }
    }
    FileTree.delete(directory);
  }

  /** What is half deleted must not look like a checkpoint. */
  private static void delete(Path checkpoint) throws IOException {
    Path partial = checkpoint.resolveSibling(PARTIAL + stepOf(checkpoint));
    FileTree.delete(partial);
    Files.move(checkpoint, partial, StandardCopyOption.ATOMIC_MOVE);
    FileTree.delete(partial);
  }

  private void deleteUnfinished(Path partial, Throwable failure) {
    try {
      FileTree.delete(partial);
      if (list(PREFIX).isEmpty()) {
        FileTree.delete(directory);
      }
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * The checkpoint of the highest step, if there is any.
   *
   * @throws IllegalArgumentException if it is one of another training
   */
  Optional<Checkpoint> latestOf(TrainingState training) throws IOException {
    Optional<Checkpoint> latest = latest();
    if (latest.isPresent()) {
      Optional<String> difference = training.difference(latest.get().state());
      Require.argument(
          difference.isEmpty(),
          "the checkpoint %s has another %s",
          latest.get().directory(),
          difference.orElse(""));
    }
    return latest;
  }

  /** The checkpoint of the highest step, if there is any. */
  Optional<Checkpoint> latest() throws IOException {
    if (!Files.isDirectory(directory)) {
      return Optional.empty();
    }
    Optional<Path> newest =
        list(PREFIX).stream().max(Comparator.comparingLong(Checkpoints::stepOf));
    if (newest.isEmpty()) {
      return Optional.empty();
    }
    TrainingState state = TrainingState.read(newest.get().resolve(STATE));
    return Optional.of(new Checkpoint(newest.get(), stepOf(newest.get()), state));
  }

  private static long stepOf(Path checkpoint) {
    return Long.parseLong(checkpoint.getFileName().toString().substring(PREFIX.length()));
  }

  private List<Path> list(String prefix) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .filter(path -> path.getFileName().toString().matches(prefix + "\\d{1,18}"))
          .toList();
    }
  }

  private void deleteAll(String prefix) throws IOException {
    for (Path path : list(prefix)) {
      FileTree.delete(path);
    }
  }
}
