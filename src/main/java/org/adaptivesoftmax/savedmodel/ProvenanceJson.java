package org.adaptivesoftmax.savedmodel;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.adaptivesoftmax.internal.io.FileTree;

/** The file of a {@link Provenance}, apart from it: without Jackson this class does not link. */
final class ProvenanceJson {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** More than the story of any model needs. */
  private static final long MAX_BYTES = 1 << 24;

  private ProvenanceJson() {}

  static void write(Map<String, ?> values, Path file) throws IOException {
    Files.writeString(file, JSON.writeValueAsString(values) + "\n");
  }

  static Map<String, Object> read(Path file) throws IOException {
    try {
      Map<String, Object> values =
          JSON.readValue(
              Files.readAllBytes(FileTree.requireRegular(file, MAX_BYTES)),
              new TypeReference<>() {});
      if (values != null) {
        return values;
      }
      throw new IllegalArgumentException("provenance is no JSON object: %s: null".formatted(file));
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "provenance is no JSON object: %s: %s".formatted(file, e.getOriginalMessage()), e);
    }
  }
}
