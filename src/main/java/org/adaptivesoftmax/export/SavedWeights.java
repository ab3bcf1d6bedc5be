package org.adaptivesoftmax.export;

import java.nio.file.Files;
import java.nio.file.Path;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;

/** Weights that the session of a training graph saved. */
final class SavedWeights {
  private SavedWeights() {}

  /**
   * Restores the variables of a session's graph, and nothing else of what was saved.
   *
   * @param prefix what {@link Session#save} was given
   * @throws IllegalArgumentException if there are no such weights, or they do not fit the graph
   */
  static void restore(Session session, Path prefix) {
    read(prefix, () -> session.restore(prefix.toString()));
  }

  /**
   * Runs what reads the weights, and tells what is wrong with them if it fails.
   *
   * @throws IllegalArgumentException as above
   */
  static void read(Path prefix, Runnable reader) {
    Path index = prefix.resolveSibling(prefix.getFileName() + ".index");
    if (!Files.isRegularFile(index)) {
      throw new IllegalArgumentException("no such weights: " + prefix);
    }
    try {
      reader.run();
    } catch (TensorFlowException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "weights %s do not fit the model: %s".formatted(prefix, e.getMessage()), e);
    }
  }
}
