package org.adaptivesoftmax.savedmodel;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tensorflow.TensorFlow;

/**
 * Where a model comes from, as JSON beside it, with the versions of this library and of TensorFlow. The one place of
 * publishing that needs Jackson.
 */
public final class Provenance {
  /** Below the model's directory; servers ignore {@code assets.extra}. */
  public static final Path FILE = Path.of("assets.extra", "provenance.json");

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private Provenance() {}

  static void write(Map<String, ?> provenance, String weightsSha256, Path modelDirectory)
      throws IOException {
    Path file = modelDirectory.resolve(FILE);
    Files.createDirectories(file.getParent());
    Map<String, Object> complete = new LinkedHashMap<>();
    complete.put("library", "tensorflow-adaptive-softmax " + LibraryVersion.get());
    complete.put("tensorflow", TensorFlow.version());
    complete.putAll(provenance);
    complete.put("weights_sha256", weightsSha256);
    Files.writeString(file, JSON.writeValueAsString(complete) + "\n");
  }

  /**
   * What a version tells of itself; empty if it has no such file.
   *
   * @throws IllegalArgumentException if the file is no JSON object
   */
  public static Map<String, Object> read(Path version) throws IOException {
    Path file = version.resolve(FILE);
    if (!Files.exists(file)) {
      return Map.of();
    }
    try {
      return JSON.readValue(Files.readAllBytes(file), new TypeReference<>() {});
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "provenance is no JSON object: %s: %s".formatted(file, e.getOriginalMessage()), e);
    }
  }
}
