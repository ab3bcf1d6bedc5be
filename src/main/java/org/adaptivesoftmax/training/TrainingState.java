package org.adaptivesoftmax.training;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.adaptivesoftmax.internal.io.FileTree;

/**
 * How far a training has come, and of what: kept as JSON beside a checkpoint's variables.
 *
 * @param epochsDone passes over the text
 * @param identity a JSON object; trainings whose identities are equal give the same weights
 */
record TrainingState(int epochsDone, JsonNode identity) {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  private static final long MAX_BYTES = 1 << 24;
  private static final String EPOCHS_DONE = "epochs_done";
  private static final String IDENTITY = "identity";

  /**
   * The state of a training.
   *
   * @param identity records, texts and numbers by name
   */
  static TrainingState of(int epochsDone, Map<String, ?> identity) {
    try {
      // As it is read back: a tree of values tells an int from a long, a file does not.
      return new TrainingState(epochsDone, JSON.readTree(JSON.writeValueAsBytes(identity)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void write(Path file) throws IOException {
    Map<String, Object> state = new TreeMap<>(Map.of(EPOCHS_DONE, epochsDone, IDENTITY, identity));
    Files.write(file, JSON.writeValueAsBytes(state));
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException if the file holds something else
   */
  static TrainingState read(Path file) throws IOException {
    try {
      JsonNode state = JSON.readTree(Files.readAllBytes(FileTree.requireRegular(file, MAX_BYTES)));
      if (state.path(EPOCHS_DONE).isInt()
          && state.path(EPOCHS_DONE).intValue() >= 0
          && state.path(IDENTITY).isObject()) {
        return new TrainingState(state.get(EPOCHS_DONE).intValue(), state.get(IDENTITY));
      }
      throw new IllegalArgumentException("no state of a training: " + file);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "no state of a training: %s: %s".formatted(file, e.getOriginalMessage()), e);
    }
  }

  /** The first value of this identity that another's is not, as {@code name: its value, not mine}. */
  Optional<String> difference(TrainingState other) {
    return difference("", identity, other.identity);
  }

  private static Optional<String> difference(String name, JsonNode mine, JsonNode its) {
    if (!mine.isObject() || !its.isObject()) {
      return mine.equals(its)
          ? Optional.empty()
          : Optional.of("%s: %s, not %s".formatted(name, its, mine));
    }
    return mine.properties().stream()
        .flatMap(
            entry ->
                difference(
                    name.isEmpty() ? entry.getKey() : name + "." + entry.getKey(),
                    entry.getValue(),
                    its.path(entry.getKey()))
                    .stream())
        .findFirst();
  }
}
