package org.adaptivesoftmax.internal.tensors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;

/** Tensors as JSON, a row of the batch at a time. */
public final class JsonTensors {
  /** Binary strings are an object of this one key. */
  public static final String BASE64 = "b64";

  private static final String INPUTS = "inputs";
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private JsonTensors() {}

  /**
   * The rows of a batch. An input of the name {@code inputs} needs no name if it is the only one; others have theirs, for
   * the server to check.
   *
   * @throws IllegalArgumentException if a number is infinite or NaN, which JSON does not have
   */
  public static ArrayNode instances(Map<String, ? extends NdArray<?>> inputs, long rows) {
    inputs.forEach(JsonTensors::requireFinite);
    return rows(inputs, rows, inputs.size() == 1 && inputs.containsKey(INPUTS));
  }

  private static void requireFinite(String name, NdArray<?> input) {
    input
        .scalars()
        .forEach(
            scalar -> {
              Object value = scalar.getObject();
              if (value instanceof Float || value instanceof Double) {
                boolean finite = Double.isFinite(((Number) value).doubleValue());
                Require.argument(finite, "%s must be finite for REST: %s", name, value);
              }
            });
  }

  /**
   * @param bare whether the only tensor goes without its name
   */
  private static ArrayNode rows(
      Map<String, ? extends NdArray<?>> tensors, long rows, boolean bare) {
    ArrayNode list = JSON.arrayNode();
    for (long row = 0; row < rows; row++) {
      ObjectNode named = JSON.objectNode();
      for (Map.Entry<String, ? extends NdArray<?>> tensor : tensors.entrySet()) {
        named.set(tensor.getKey(), encode(tensor.getValue().get(row)));
      }
      list.add(bare ? named.iterator().next() : named);
    }
    return list;
  }

  private static JsonNode encode(NdArray<?> array) {
    if (array.rank() == 0) {
      return scalar(array.getObject());
    }
    ArrayNode elements = JSON.arrayNode();
    array.elements(0).forEach(element -> elements.add(encode(element)));
    return elements;
  }

  private static JsonNode scalar(Object value) {
    if (value instanceof Float single) {
      return JSON.numberNode(single);
    } else if (value instanceof Double number) {
      return JSON.numberNode(number);
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
  public static NdArray<?> decode(List<JsonNode> rows) {
    List<JsonNode> scalars = new ArrayList<>();
    Shape shape = flatten(rows, scalars);
    return array(shape, scalars, guess(scalars));
  }

  /** Whether a scalar is of a type; a string may be an object with {@link #BASE64}. */
  public static boolean fits(JsonNode scalar, TensorType type) {
    return switch (type) {
      case FLOAT, DOUBLE -> scalar.isNumber();
      case INT32 -> scalar.isIntegralNumber() && scalar.canConvertToInt();
      case INT64 -> scalar.isIntegralNumber() && scalar.canConvertToLong();
      case BOOL -> scalar.isBoolean();
      case STRING -> scalar.isTextual() || scalar.has(BASE64);
    };
  }

  private static TensorType guess(List<JsonNode> scalars) {
    if (scalars.stream().allMatch(JsonNode::isIntegralNumber)) {
      for (JsonNode scalar : scalars) {
        Require.argument(scalar.canConvertToLong(), "value must be an int64: %s", scalar);
      }
      return TensorType.INT64;
    } else if (scalars.stream().allMatch(JsonNode::isNumber)) {
      return TensorType.FLOAT;
    }
    return scalars.stream().allMatch(JsonNode::isBoolean) ? TensorType.BOOL : TensorType.STRING;
  }

  private static Shape flatten(List<JsonNode> rows, List<JsonNode> scalars) {
    long[] shape = shape(rows.get(0), rows.size());
    rows.forEach(row -> flatten(row, shape, 1, scalars));
    return Shape.of(shape);
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
      Require.argument(!node.isArray(), "rows differ in shape");
      scalars.add(node);
      return;
    }
    Require.argument(node.isArray() && node.size() == shape[axis], "rows differ in shape");
    node.forEach(element -> flatten(element, shape, axis + 1, scalars));
  }

  /**
   * An array of scalars that {@link #fits fit} its type.
   *
   * @throws IllegalArgumentException if a string is no text, and no bytes in base64
   */
  public static NdArray<?> array(Shape shape, List<JsonNode> scalars, TensorType type) {
    int size = scalars.size();
    return switch (type) {
      case INT64 ->
          NdArrays.wrap(
              shape, DataBuffers.of(scalars.stream().mapToLong(JsonNode::longValue).toArray()));
      case INT32 ->
          NdArrays.wrap(
              shape, DataBuffers.of(scalars.stream().mapToInt(JsonNode::intValue).toArray()));
      case DOUBLE ->
          NdArrays.wrap(
              shape, DataBuffers.of(scalars.stream().mapToDouble(JsonNode::doubleValue).toArray()));
      case FLOAT -> {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
          values[i] = scalars.get(i).floatValue();
        }
        yield NdArrays.wrap(shape, DataBuffers.of(values));
      }
      case BOOL -> {
        boolean[] values = new boolean[size];
        for (int i = 0; i < size; i++) {
          values[i] = scalars.get(i).booleanValue();
        }
        yield NdArrays.wrap(shape, DataBuffers.of(values));
      }
      case STRING -> {
        String[] values = scalars.stream().map(JsonTensors::text).toArray(String[]::new);
        yield NdArrays.wrap(shape, DataBuffers.ofObjects(values));
      }
    };
  }

  private static String text(JsonNode node) {
    JsonNode binary = node.get(BASE64);
    Require.argument(
        node.isTextual() || (binary != null && binary.isTextual()),
        "value is of no known type: %s",
        node);
    try {
      return binary == null
          ? node.textValue()
          : new String(binary.binaryValue(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalArgumentException("value is not base64: " + node, e);
    }
  }
}
