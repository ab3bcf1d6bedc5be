package org.adaptivesoftmax.remote;

import java.util.List;
import java.util.function.Supplier;
import org.adaptivesoftmax.client.ModelMetadata;
import org.adaptivesoftmax.client.ModelVersion;
import org.adaptivesoftmax.client.VersionStatus;

/** The state of the version that has a label: a server tells that of all versions, whatever label it is asked for. */
final class Labelled {
  private Labelled() {}

  /**
   * The versions that a client asks for.
   *
   * @param metadata of the version with the label, which fails where there is none
   */
  static List<VersionStatus> only(
      ModelVersion model, List<VersionStatus> versions, Supplier<ModelMetadata> metadata) {
    if (model.label().isEmpty()) {
      return versions;
    }
    long number = metadata.get().version();
    return versions.stream().filter(version -> version.version() == number).toList();
  }
}
