package org.adaptivesoftmax.savedmodel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.internal.io.LibraryVersion;
import org.adaptivesoftmax.internal.io.OneLine;
import org.adaptivesoftmax.internal.io.OptionalLibrary;
import org.tensorflow.TensorFlow;

/**
 * Where a version comes from and what it is made of, a JSON object beside it: the one place that writes and reads it, and
 * the one place of publishing that needs Jackson ({@code jackson-databind}), an optional dependency of this library.
 *
 * @param values by key, in the order of the file; {@link ProvenanceKeys} has the keys that the library knows
 */
public record Provenance(Map<String, Object> values) {
  /** Below the version's directory; servers ignore {@code assets.extra}. */
  public static final Path FILE = Path.of("assets.extra", "provenance.json");

  /** Keeps the order of the values. */
  public Provenance {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /**
   * Checks that it can be written and read.
   *
   * @throws IllegalStateException if Jackson is not on the class path
   */
  public static void requireLibrary() {
    OptionalLibrary.JACKSON.require("the provenance of a SavedModel");
  }

  /** Writes what a version tells, with the versions in use, unless these are given, and the weights' fingerprint. */
  static void write(Map<String, ?> values, String weightsSha256, Path version) throws IOException {
    Map<String, Object> complete = new LinkedHashMap<>();
    complete.put(ProvenanceKeys.LIBRARY, "tensorflow-adaptive-softmax " + LibraryVersion.get());
    complete.put(ProvenanceKeys.TENSORFLOW, TensorFlow.version());
    complete.putAll(values);
    complete.put(ProvenanceKeys.WEIGHTS_SHA256, weightsSha256);
    Path file = version.resolve(FILE);
    Files.createDirectories(file.getParent());
    ProvenanceJson.write(complete, file);
  }

  /**
   * What a version tells; nothing, if it has no such file.
   *
   * @param version its directory
   * @throws IllegalArgumentException if the file is no JSON object
   * @throws IllegalStateException if there is one, and Jackson is not on the class path
   * @throws IOException if it cannot be read
   */
  public static Provenance read(Path version) throws IOException {
    Path file = version.resolve(FILE);
    if (!Files.exists(file)) {
      return new Provenance(Map.of());
    }
    requireLibrary();
    return new Provenance(ProvenanceJson.read(file));
  }

  /** Whether a key has a value. */
  public boolean has(String key) {
    return values.get(key) != null;
  }

  /**
   * A value as text.
   *
   * @throws IllegalArgumentException if there is none
   */
  public String text(String key) {
    return value(key).toString();
  }

  /**
   * A number.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Number number(String key) {
    if (value(key) instanceof Number number) {
      return number;
    }
    throw new IllegalArgumentException(
        OneLine.of("%s is no number: %s".formatted(key, value(key))));
  }

  /**
   * A list of whole numbers.
   *
   * @throws IllegalArgumentException if there is none
   */
  public List<Integer> integers(String key) {
    if (value(key) instanceof List<?> list && list.stream().allMatch(Integer.class::isInstance)) {
      return list.stream().map(Integer.class::cast).toList();
    }
    throw new IllegalArgumentException(
        OneLine.of("%s is no list of whole numbers: %s".formatted(key, value(key))));
  }

  private Object value(String key) {
    Object value = values.get(key);
    if (value == null) {
      throw new IllegalArgumentException("no " + key);
    }
    return value;
  }
}
