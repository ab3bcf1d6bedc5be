package org.adaptivesoftmax.serving;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Where a model comes from, as JSON beside it. The one place of publishing that needs Jackson. */
final class Provenance {
  /** Below the model's directory; servers ignore {@code assets.extra}. */
  static final Path FILE = Path.of("assets.extra", "provenance.json");

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private Provenance() {}

  static void write(Map<String, ?> provenance, Path modelDirectory) throws IOException {
    Path file = modelDirectory.resolve(FILE);
    Files.createDirectories(file.getParent());
    Files.writeString(file, JSON.writeValueAsString(provenance) + "\n");
  }
}
