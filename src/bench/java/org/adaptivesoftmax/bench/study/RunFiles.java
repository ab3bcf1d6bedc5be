package org.adaptivesoftmax.bench.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.adaptivesoftmax.internal.io.AtomicFile;

/**
 * The runs that are done, a JSON file each, so that an interrupt loses no more than the run it meets.
 *
 * @param directory of the files
 */
record RunFiles(Path directory) {
  static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private Path file(String data, String variant, long seed) {
    return directory.resolve(data + "." + variant + "." + seed + ".json");
  }

  /** The run, if it was done with the same settings. */
  Optional<StudyRun> find(String data, String variant, long seed, String settings)
      throws IOException {
    Path file = file(data, variant, seed);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(file.toFile(), StudyRun.class))
          .filter(run -> run.settings().equals(settings));
    } catch (JsonProcessingException e) {
      // Written by another version: as good as none.
      return Optional.empty();
    }
  }

  /** Keeps a run; its file appears whole or not at all. */
  void write(StudyRun run) throws IOException {
    Files.createDirectories(directory);
    AtomicFile.writeString(
        file(run.data(), run.variant(), run.seed()), JSON.writeValueAsString(run) + "\n");
  }
}
