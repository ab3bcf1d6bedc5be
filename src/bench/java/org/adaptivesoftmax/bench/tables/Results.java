package org.adaptivesoftmax.bench.tables;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The committed results of measurements, and how their numbers are written.
 *
 * @param directory of the JSON files
 */
record Results(Path directory) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /**
   * A result.
   *
   * @param name of the file, without {@code .json}
   * @throws IllegalArgumentException if there is none
   */
  JsonNode read(String name) throws IOException {
    Path file = file(name);
    if (!Files.exists(file)) {
      throw new IllegalArgumentException(
          "no measurement docs/bench/%s.json: tools/bench-all makes it".formatted(name));
    }
    return JSON.readTree(file.toFile());
  }

  /** Whether there is a result. */
  boolean exists(String name) {
    return Files.exists(file(name));
  }

  private Path file(String name) {
    return directory.resolve(name + ".json");
  }

  /** Where, when, with what and by which command a result was measured, as a line below its table. */
  static String measured(JsonNode result) {
    JsonNode measured = get(result, "measured");
    String line = "*%s; `%s`*".formatted(machine(result), text(measured, "command"));
    return has(measured, "note") ? line + "\n*%s*".formatted(text(measured, "note")) : line;
  }

  /** Where, when and with what a result was measured. */
  static String machine(JsonNode result) {
    JsonNode measured = get(result, "measured");
    List<String> facts = new ArrayList<>();
    facts.add(
        result.has("threads")
            ? "%s, %d threads".formatted(text(measured, "processor"), integer(result, "threads"))
            : "%s, %d cores".formatted(text(measured, "processor"), integer(measured, "cores")));
    if (result.has("environment")) {
      result.get("environment").forEach(fact -> facts.add(fact.asText()));
    } else {
      facts.add("TensorFlow " + text(measured, "tensorflow"));
    }
    facts.add(text(measured, "date"));
    return String.join(", ", facts);
  }

  /** A number with its thousands apart. */
  static String number(double value, int digits) {
    return String.format(Locale.ROOT, "%,." + digits + "f", value);
  }

  /** Milliseconds, with as many digits as say something. */
  static String ms(double value) {
    return number(value, value < 10 ? 2 : value < 100 ? 1 : 0) + " ms";
  }

  /** How many times as much. */
  static String times(double ratio) {
    return number(ratio, ratio < 2 ? 2 : ratio < 100 ? 1 : 0) + " ×";
  }

  /** Percent of a share. */
  static String percent(double share, int digits) {
    return number(100 * share, digits) + " %";
  }

  /** Numbers divided by slashes. */
  static String slashes(JsonNode numbers) {
    List<String> written = new ArrayList<>();
    numbers.forEach(value -> written.add(number(value.asDouble(), 0)));
    return String.join("/", written);
  }

  static boolean has(JsonNode node, String key) {
    return node.hasNonNull(key);
  }

  static double decimal(JsonNode node, String key) {
    return get(node, key).asDouble();
  }

  static int integer(JsonNode node, String key) {
    return get(node, key).asInt();
  }

  static String text(JsonNode node, String key) {
    return get(node, key).asText();
  }

  /** A field that must be there. */
  static JsonNode get(JsonNode node, String key) {
    JsonNode value = node.get(key);
    if (value == null || value.isNull()) {
      throw new IllegalArgumentException("no %s in %s".formatted(key, node));
    }
    return value;
  }
}
