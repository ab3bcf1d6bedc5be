package org.adaptivesoftmax.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;

/** Tensors as JSON, a row of the batch at a time. */
final class JsonTensors {
  /** Binary strings are an object of this one key. */
  static final String BASE64 = "b64";

  private static final String INPUTS = "inputs";
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private JsonTensors() {}

  /**
   * The rows of a batch. An input of the name {@code inputs} needs no name if it is the only one; others have theirs, for
   * the server to check.
   *
   * @throws IllegalArgumentException if a number is infinite or NaN, which JSON does not have
   */
  static ArrayNode instances(Map<String, ? extends NdArray<?>> inputs, long rows) {
    ArrayNode instances = JSON.arrayNode();
    boolean bare = inputs.size() == 1 && inputs.containsKey(INPUTS);
    for (long row = 0; row < rows; row++) {
      ObjectNode instance = JSON.objectNode();
      for (Map.Entry<String, ? extends NdArray<?>> input : inputs.entrySet()) {
        instance.set(input.getKey(), encode(input.getKey(), input.getValue().get(row)));
      }
      instances.add(bare ? instance.get(INPUTS) : instance);
    }
    return instances;
  }

  private static JsonNode encode(String name, NdArray<?> array) {
    if (array.rank() == 0) {
      return scalar(name, array.getObject());
    }
    ArrayNode elements = JSON.arrayNode();
    array.elements(0).forEach(element -> elements.add(encode(name, element)));
    return elements;
  }

  private static JsonNode scalar(String name, Object value) {
    if (value instanceof Float || value instanceof Double) {
      double number = ((Number) value).doubleValue();
      Batch.require(
          Double.isFinite(number), "%s must be finite for REST: %s".formatted(name, value));
      return value instanceof Float single ? JSON.numberNode(single) : JSON.numberNode(number);
    } else if (value instanceof Number number) {
      return JSON.numberNode(number.longValue());
    } else if (value instanceof Boolean bool) {
      return JSON.booleanNode(bool);
    }
    return JSON.textNode((String) value);
  }

  /**
   * One output. Numbers are float32 if one has a fraction or exponent, as the server writes them; int64 otherwise.
   *
   * @param rows its value for each row of the batch
   * @throws IllegalArgumentException if there are no rows, or they differ in shape or type
   */
  static NdArray<?> decode(List<JsonNode> rows) {
    List<JsonNode> scalars = new ArrayList<>();
    long[] shape = shape(rows.get(0), rows.size());
    rows.forEach(row -> flatten(row, shape, 1, scalars));
    return wrap(Shape.of(shape), scalars);
  }

  private static long[] shape(JsonNode row, int rows) {
    List<Long> shape = new ArrayList<>(List.of((long) rows));
    for (JsonNode node = row; node != null && node.isArray(); node = node.get(0)) {
      shape.add((long) node.size());
    }
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  private static void flatten(JsonNode node, long[] shape, int axis, List<JsonNode> scalars) {
    if (axis == shape.length) {
      Batch.require(!node.isArray(), "rows differ in shape");
      scalars.add(node);
      return;
    }
    Batch.require(node.isArray() && node.size() == shape[axis], "rows differ in shape");
    node.forEach(element -> flatten(element, shape, axis + 1, scalars));
  }

  private static NdArray<?> wrap(Shape shape, List<JsonNode> scalars) {
    if (scalars.stream().allMatch(JsonNode::isIntegralNumber)) {
      return NdArrays.wrap(
          shape, DataBuffers.of(scalars.stream().mapToLong(JsonNode::longValue).toArray()));
    } else if (scalars.stream().allMatch(JsonNode::isNumber)) {
      float[] values = new float[scalars.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = scalars.get(i).floatValue();
      }
      return NdArrays.wrap(shape, DataBuffers.of(values));
    } else if (scalars.stream().allMatch(JsonNode::isBoolean)) {
      boolean[] values = new boolean[scalars.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = scalars.get(i).booleanValue();
      }
      return NdArrays.wrap(shape, DataBuffers.of(values));
    }
    String[] values = scalars.stream().map(JsonTensors::text).toArray(String[]::new);
    return NdArrays.wrap(shape, DataBuffers.ofObjects(values));
  }

  private static String text(JsonNode node) {
    JsonNode binary = node.get(BASE64);
    Batch.require(
        node.isTextual() || (binary != null && binary.isTextual()),
        "value is of no known type: " + node);
    try {
      return binary == null
          ? node.textValue()
          : new String(binary.binaryValue(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalArgumentException("value is not base64: " + node, e);
    }
  }
}
