package org.adaptivesoftmax.client;

import java.util.Optional;
import java.util.OptionalLong;
import org.adaptivesoftmax.internal.io.Require;

/**
 * A model, and which of its versions.
 *
 * @param model its name
 * @param number the version, if asked for by number
 * @param label the version's label, if asked for by label; with neither the server takes the latest version
 */
public record ModelVersion(String model, OptionalLong number, Optional<String> label) {
  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if the name is empty, the number negative, or there are both number and label
   */
  public ModelVersion {
    Require.argument(!model.isEmpty(), "model must have a name");
    Require.argument(number.orElse(0) >= 0, "version must not be negative: %s", number.orElse(0));
    Require.argument(
        number.isEmpty() || label.isEmpty(),
        "a version has a number or a label: both %s and %s",
        number.orElse(0),
        label.orElse(""));
  }

  /** {@return for instance "model next-word, version 3"} */
  @Override
  public String toString() {
    String version =
        number.isPresent()
            ? ", version " + number.getAsLong()
            : label.map(name -> ", version label " + name).orElse(", latest version");
    return "model " + model + version;
  }
}
