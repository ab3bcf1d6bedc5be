package org.adaptivesoftmax.bench.convergence;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.adaptivesoftmax.internal.io.AtomicFile;

/**
 * The trainings, a JSON file each, written after each epoch.
 *
 * @param directory of the files
 */
record TrialFiles(Path directory) {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private Path file(Trial trial) {
    return directory.resolve(trial.key() + ".json");
  }

  /** What is known of a training on a text. */
  Optional<TrialResult> find(Trial trial, String text) throws IOException {
    if (!Files.exists(file(trial))) {
      return Optional.empty();
    }
    return Optional.of(JSON.readValue(file(trial).toFile(), TrialResult.class))
        .filter(result -> result.text().equals(text));
  }

  void write(TrialResult result) throws IOException {
    Files.createDirectories(directory);
    AtomicFile.writeString(file(result.trial()), JSON.writeValueAsString(result) + "\n");
  }
}
