package org.adaptivesoftmax.savedmodel;

import java.nio.file.Files;
import java.nio.file.Path;
import org.adaptivesoftmax.internal.graph.ProcessorCheck;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.exceptions.TensorFlowException;

/** Loads published versions. */
public final class VersionBundle {
  private VersionBundle() {}

  /**
   * Loads a version.
   *
   * @param version its directory
   * @return the model, to be closed
   * @throws IllegalArgumentException if it is incomplete
   */
  public static SavedModelBundle load(Path version) {
    Require.argument(
        Files.exists(version.resolve(ModelDirectory.SAVED_MODEL)),
        "model version has no saved_model.pb, is it complete? %s",
        version);
    // The loader would take a model without weights for one that needs none.
    Require.argument(
        Files.exists(version.resolve("variables").resolve("variables.index")),
        "model version has no weights, is it complete? %s",
        version);
    ProcessorCheck.warnOnce();
    try {
      return SavedModelBundle.load(version.toString());
    } catch (TensorFlowException | IllegalArgumentException | IllegalStateException e) {
      throw new IllegalArgumentException(
          "model version cannot be loaded, is it complete? %s: %s"
              .formatted(version, e.getMessage()),
          e);
    }
  }
}
