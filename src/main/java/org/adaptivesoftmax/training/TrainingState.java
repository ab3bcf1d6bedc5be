package org.adaptivesoftmax.training;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.adaptivesoftmax.internal.io.JsonFile;
import org.adaptivesoftmax.internal.io.OneLine;
import org.adaptivesoftmax.model.LanguageModelConfiguration;

/**
 * How far a training has come, and of what: kept as JSON beside a checkpoint's variables.
 *
 * @param epochsDone passes over the text
 * @param identity a JSON object; trainings whose identities are equal give the same weights
 * @param course what a training tells of its epochs, as it likes; empty if it keeps nothing
 */
record TrainingState(int epochsDone, JsonNode identity, JsonNode course) {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  private static final String EPOCHS_DONE = "epochs_done";
  private static final String IDENTITY = "identity";
  private static final String COURSE = "course";

  /**
   * The state of a training.
   *
   * @param identity records, texts and numbers by name
   */
  static TrainingState of(int epochsDone, Map<String, ?> identity) {
    return of(epochsDone, identity, Map.of());
  }

  /**
   * The state of a training that tells of its epochs.
   *
   * @param course a record
   */
  static TrainingState of(int epochsDone, Map<String, ?> identity, Object course) {
    try {
      // As it is read back: a tree of values tells an int from a long, a file does not.
      return new TrainingState(
          epochsDone,
          JSON.readTree(JSON.writeValueAsBytes(identity)),
          JSON.readTree(JSON.writeValueAsBytes(course)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The state of a language model's training.
   *
   * @param training with the batch of all replicas
   */
  static TrainingState ofLanguageModel(
      int epochsDone,
      LanguageModelConfiguration configuration,
      TrainingConfiguration training,
      LanguageModelText text) {
    // Sorted: the order of Map.of differs by process, and replicas compare what is written.
    Map<String, Object> of =
        new TreeMap<>(
            Map.of(
                "words",
                text.train().length,
                "hash",
                HexFormat.of().toHexDigits(text.fingerprint())));
    return of(
        epochsDone,
        new TreeMap<>(Map.of("model", configuration, "training", training, "text", of)));
  }

  void write(Path file) throws IOException {
    Map<String, Object> state =
        new TreeMap<>(Map.of(EPOCHS_DONE, epochsDone, IDENTITY, identity, COURSE, course));
    Files.write(file, JSON.writeValueAsBytes(state));
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException if the file holds something else
   */
  static TrainingState read(Path file) throws IOException {
    JsonNode state;
    try {
      state = JsonFile.read(file, JsonFile.MAX_BYTES);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("no state of a training: " + e.getMessage(), e);
    }
    if (state.path(EPOCHS_DONE).isInt()
        && state.path(EPOCHS_DONE).intValue() >= 0
        && state.path(IDENTITY).isObject()) {
      return new TrainingState(
          state.get(EPOCHS_DONE).intValue(), state.get(IDENTITY), state.path(COURSE));
    }
    throw new IllegalArgumentException("no state of a training: " + file);
  }

  /**
   * What {@link #of(int, Map, Object)} was given.
   *
   * @throws IllegalArgumentException if it was something else
   */
  <T> T course(Class<T> type) {
    try {
      return JSON.treeToValue(course, type);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          OneLine.of("no state of such a training: " + e.getOriginalMessage()), e);
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
