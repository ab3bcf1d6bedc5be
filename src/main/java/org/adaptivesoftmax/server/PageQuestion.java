package org.adaptivesoftmax.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.adaptivesoftmax.decoding.SampleOptions;
import org.adaptivesoftmax.savedmodel.PublishedClusters;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;

/** What the page asks, as JSON. Whatever is wrong is a {@link RequestFailure} that names the field and its value. */
record PageQuestion(JsonNode json) {
  private static final int MAX_WORDS = 100;

  /** The field {@code text}. */
  String text() {
    JsonNode text = json.path("text");
    if (!text.isTextual()) {
      throw RequestFailure.invalid("text must be a string: " + text);
    }
    return text.textValue();
  }

  /**
   * The field {@code vector} as a batch of one, [1, width].
   *
   * @param width of the model's input, or −1 if any will do
   */
  NdArray<?> vector(long width) {
    JsonNode vector = json.path("vector");
    if (!vector.isArray() || vector.isEmpty()) {
      throw RequestFailure.invalid("vector must be a list of numbers: " + vector);
    } else if (width >= 0 && vector.size() != width) {
      throw RequestFailure.invalid(
          "vector must hold %s numbers: %s".formatted(width, vector.size()));
    }
    FloatNdArray row = NdArrays.ofFloats(Shape.of(1, vector.size()));
    for (int i = 0; i < vector.size(); i++) {
      if (!vector.get(i).isNumber()) {
        throw RequestFailure.invalid(
            "vector must hold numbers alone: %s at %s".formatted(vector.get(i), i));
      }
      row.setFloat(vector.get(i).floatValue(), 0, i);
    }
    return row;
  }

  /**
   * The field {@code bias}, a list of {@code {"label", "value"}}: what is added to the logit of a class, null for a ban.
   *
   * @return by rank
   */
  Map<Integer, Double> bias(PublishedClusters clusters) {
    Map<Integer, Double> bias = new LinkedHashMap<>();
    for (JsonNode one : json.path("bias")) {
      JsonNode value = one.path("value");
      if (!value.isNull() && !(value.isNumber() && Double.isFinite(value.doubleValue()))) {
        throw RequestFailure.invalid("bias must be a finite number, or null for a ban: " + value);
      }
      double added = value.isNull() ? Double.NEGATIVE_INFINITY : value.doubleValue();
      bias.merge(rank(clusters, one.path("label").asText()), added, Double::sum);
    }
    return bias;
  }

  private static int rank(PublishedClusters clusters, String label) {
    OptionalInt rank =
        clusters.label(0) instanceof Long
            ? (label.matches("-?\\d{1,18}")
                ? clusters.rank(Long.valueOf(label))
                : OptionalInt.empty())
            : clusters.rank(label);
    return rank.orElseThrow(
        () -> RequestFailure.invalid("bias names no class of the model: " + label));
  }

  boolean hasBias() {
    return !json.path("bias").isEmpty();
  }

  /** The fields {@code temperature}, {@code top_k} and {@code top_p}, each with its default. */
  SampleOptions options() {
    JsonNode topK = json.path("top_k");
    JsonNode topP = json.path("top_p");
    try {
      return new SampleOptions(
          number("temperature", 1),
          topK.isNumber() ? OptionalInt.of(whole("top_k", 0)) : OptionalInt.empty(),
          topP.isNumber() ? OptionalDouble.of(topP.doubleValue()) : OptionalDouble.empty());
    } catch (IllegalArgumentException e) {
      throw RequestFailure.invalid(String.valueOf(e.getMessage()));
    }
  }

  /** The field {@code words}: how many to draw at most. */
  int words() {
    int words = whole("words", 1);
    if (words < 1 || words > MAX_WORDS) {
      throw RequestFailure.invalid("words must be in 1..%s: %s".formatted(MAX_WORDS, words));
    }
    return words;
  }

  int seed() {
    return whole("seed", 0);
  }

  private double number(String field, double absent) {
    JsonNode value = json.path(field);
    if (!value.isMissingNode() && !value.isNumber()) {
      throw RequestFailure.invalid("%s must be a number: %s".formatted(field, value));
    }
    return value.asDouble(absent);
  }

  private int whole(String field, int absent) {
    JsonNode value = json.path(field);
    if (value.isMissingNode()) {
      return absent;
    } else if (!value.canConvertToExactIntegral() || !value.canConvertToInt()) {
      throw RequestFailure.invalid("%s must be a whole number: %s".formatted(field, value));
    }
    return value.intValue();
  }
}
