package org.adaptivesoftmax.savedmodel;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.adaptivesoftmax.internal.io.JsonFile;
import org.adaptivesoftmax.internal.io.Require;

/** The file of a {@link Provenance}, apart from it: without Jackson this class does not link. */
final class ProvenanceJson {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private ProvenanceJson() {}

  static void write(Map<String, ?> values, Path file) throws IOException {
    Files.writeString(file, JSON.writeValueAsString(values) + "\n");
  }

  static Map<String, Object> read(Path file) throws IOException {
    JsonNode root;
    try {
      root = JsonFile.read(file, JsonFile.MAX_BYTES);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("provenance is no JSON object: " + e.getMessage(), e);
    }
    Require.argument(root.isObject(), "provenance is no JSON object: %s: %s", file, root);
    return JSON.convertValue(root, new TypeReference<>() {});
  }
}
