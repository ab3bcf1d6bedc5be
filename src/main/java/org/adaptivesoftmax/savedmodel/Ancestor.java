package org.adaptivesoftmax.savedmodel;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.adaptivesoftmax.internal.io.OneLine;
import org.jspecify.annotations.Nullable;

/**
 * A version that another one was made from, as its provenance names it under {@link ProvenanceKeys#PARENT}. Each carries its
 * own parent along, so that a lineage is whole even where the versions themselves are gone.
 *
 * @param model the name of the model's directory
 * @param version its number
 * @param weightsSha256 the fingerprint of its weights, which tells it from others of that name; null if it has none
 */
public record Ancestor(String model, long version, @Nullable String weightsSha256) {
  private static final String MODEL = "model";
  private static final String VERSION = "version";

  /**
   * What the provenance of a version says of its parent.
   *
   * @param parent the directory of the parent's version
   * @return a value for {@link ProvenanceKeys#PARENT}
   * @throws IOException if the parent cannot be read
   */
  public static Map<String, Object> asParent(Path parent) throws IOException {
    Path version = parent.toAbsolutePath().normalize();
    Path model = Objects.requireNonNull(version.getParent(), "no model directory");
    Map<String, Object> values = new LinkedHashMap<>();
    values.put(MODEL, String.valueOf(model.getFileName()));
    values.put(VERSION, Long.valueOf(String.valueOf(version.getFileName())));
    if (Fingerprint.WEIGHTS.isIn(version)) {
      values.put(ProvenanceKeys.WEIGHTS_SHA256, Fingerprint.WEIGHTS.of(version));
    }
    Object grandparent = Provenance.read(version).values().get(ProvenanceKeys.PARENT);
    if (grandparent != null) {
      values.put(ProvenanceKeys.PARENT, grandparent);
    }
    return values;
  }

  /**
   * The versions that a version comes from.
   *
   * @param provenance of the version
   * @return its parent, the parent's, and so on; none if it was trained anew
   * @throws IllegalArgumentException if what it tells of one is malformed
   */
  public static List<Ancestor> lineage(Provenance provenance) {
    List<Ancestor> lineage = new ArrayList<>();
    Object parent = provenance.values().get(ProvenanceKeys.PARENT);
    while (parent != null) {
      if (!(parent instanceof Map<?, ?> values)
          || !(values.get(MODEL) instanceof String model)
          || !(values.get(VERSION) instanceof Number version)) {
        throw new IllegalArgumentException(
            OneLine.of("%s names no version: %s".formatted(ProvenanceKeys.PARENT, parent)));
      }
      Object weights = values.get(ProvenanceKeys.WEIGHTS_SHA256);
      lineage.add(
          new Ancestor(model, version.longValue(), weights == null ? null : weights.toString()));
      parent = values.get(ProvenanceKeys.PARENT);
    }
    return List.copyOf(lineage);
  }
}
