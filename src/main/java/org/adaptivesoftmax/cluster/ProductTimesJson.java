package org.adaptivesoftmax.cluster;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.adaptivesoftmax.internal.io.AtomicFile;
import org.adaptivesoftmax.internal.io.JsonFile;
import org.adaptivesoftmax.internal.io.OneLine;
import org.adaptivesoftmax.internal.io.Require;

/** The file of {@link ProductTimes}, apart from them: without Jackson this class does not link. */
final class ProductTimesJson {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  private ProductTimesJson() {}

  static void write(ProductTimes times, Path file) throws IOException {
    Files.createDirectories(Objects.requireNonNull(file.toAbsolutePath().getParent()));
    AtomicFile.writeString(file, JSON.writeValueAsString(times) + "\n");
  }

  static ProductTimes read(Path file) throws IOException {
    JsonNode root;
    try {
      root = JsonFile.read(file, JsonFile.MAX_BYTES);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("no measured products: " + e.getMessage(), e);
    }
    Require.argument(
        root.isObject(),
        "no measured products: %s: no object: %s",
        file,
        OneLine.of(root.toString()));
    try {
      return JSON.treeToValue(root, ProductTimes.class);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          OneLine.of("no measured products: %s: %s".formatted(file, e.getOriginalMessage())), e);
    }
  }
}
