package org.adaptivesoftmax.serving;

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
final class Provenance {
  /** Below the model's directory; servers ignore {@code assets.extra}. */
  static final Path FILE = Path.of("assets.extra", "provenance.json");

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private Provenance() {}

  static void write(Map<String, ?> provenance, Path modelDirectory) throws IOException {
    Path file = modelDirectory.resolve(FILE);
    Files.createDirectories(file.getParent());
    Map<String, Object> complete = new LinkedHashMap<>();
    complete.put("library", "tensorflow-adaptive-softmax " + LibraryVersion.get());
    complete.put("tensorflow", TensorFlow.version());
    complete.putAll(provenance);
    Files.writeString(file, JSON.writeValueAsString(complete) + "\n");
  }
}
