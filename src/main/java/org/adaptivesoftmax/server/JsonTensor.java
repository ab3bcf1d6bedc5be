package org.adaptivesoftmax.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.adaptivesoftmax.internal.tensors.JsonTensors;
import org.adaptivesoftmax.internal.tensors.TensorType;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;

/** Collects the values of one tensor from JSON, with TensorFlow Serving's words for what is wrong. */
final class JsonTensor {
  private final TensorType type;
  private final List<JsonNode> values = new ArrayList<>();
  private long[] itemShape = {};
  private int items;

  /**
   * @throws RequestFailure if there are no requests of the type
   */
  JsonTensor(DataType type) {
    try {
      this.type = TensorType.of(type);
    } catch (IllegalArgumentException e) {
      throw new RequestFailure(
          org.tensorflow.proto.error.Code.UNIMPLEMENTED,
          "Conversion of JSON Value to type: " + name(type));
    }
  }

  static boolean isBase64(JsonNode value) {
    return value.isObject() && value.size() == 1 && value.path(JsonTensors.BASE64).isTextual();
  }

  /** The whole tensor, in place of its items. */
  NdArray<?> whole(JsonNode value) {
    itemShape = shape(value);
    fill(value, 0);
    return array(itemShape);
  }

  /** The next row of the batch. */
  void add(JsonNode item) {
    int before = values.size();
    long[] shape = shape(item);
    if (items == 0) {
      itemShape = shape;
      fill(item, 0);
    } else {
      long[] first = itemShape;
      itemShape = shape;
      fill(item, 0);
      itemShape = first;
      int expected = before / items;
      if (values.size() - before != expected) {
        throw RequestFailure.invalid(
            "Expecting tensor size: %s but got: %s".formatted(expected, values.size() - before));
      } else if (!Arrays.equals(shape, first)) {
        throw RequestFailure.invalid(
            "Expecting shape %s but got: %s".formatted(text(first), text(shape)));
      }
    }
    items++;
  }

  /** All rows. */
  NdArray<?> rows() {
    long[] shape = new long[itemShape.length + 1];
    shape[0] = items;
    System.arraycopy(itemShape, 0, shape, 1, itemShape.length);
    return array(shape);
  }

  private static String text(long[] shape) {
    return Arrays.toString(shape).replace(" ", "");
  }

  private static long[] shape(JsonNode value) {
    List<Long> sizes = new ArrayList<>();
    for (JsonNode node = value; node != null && node.isArray(); node = node.get(0)) {
      sizes.add((long) node.size());
    }
    return sizes.stream().mapToLong(Long::longValue).toArray();
  }

  private void fill(JsonNode value, int level) {
    if (!value.isArray()) {
      if (level != itemShape.length) {
        throw RequestFailure.invalid(
            "JSON Value: %s found at incorrect level: %s in the JSON DOM. Expected at level: %s"
                .formatted(JsonText.debug(value), level + 1, itemShape.length));
      }
      requireType(value);
      values.add(value);
      return;
    }
    if (level >= itemShape.length) {
      throw RequestFailure.invalid(
          "Encountered list at unexpected level: %s expected < %s"
              .formatted(level, itemShape.length));
    } else if (value.size() != itemShape[level]) {
      throw RequestFailure.invalid(
          "Encountered list at unexpected size: %s at level: %s expected size: %s"
              .formatted(value.size(), level, itemShape[level]));
    }
    value.forEach(element -> fill(element, level + 1));
  }

  private void requireType(JsonNode value) {
    if (value.isObject() && type == TensorType.STRING) {
      if (!isBase64(value)) {
        throw RequestFailure.invalid(
            "JSON Value: %s not formatted correctly for base64 data"
                .formatted(JsonText.debug(value)));
      }
      return;
    }
    if (!JsonTensors.fits(value, type)) {
      throw RequestFailure.invalid(
          "JSON Value: %s Type: %s is not of expected type: %s"
              .formatted(JsonText.debug(value), jsonType(value), name(type.proto())));
    }
  }

  static String jsonType(JsonNode value) {
    return switch (value.getNodeType()) {
      case NULL, MISSING -> "Null";
      case BOOLEAN -> value.booleanValue() ? "True" : "False";
      case OBJECT, POJO -> "Object";
      case ARRAY -> "Array";
      case STRING, BINARY -> "String";
      case NUMBER -> "Number";
    };
  }

  private static String name(DataType type) {
    return type.name().substring("DT_".length()).toLowerCase(java.util.Locale.ROOT);
  }

  private NdArray<?> array(long[] sizes) {
    Shape shape = Shape.of(sizes);
    return type == TensorType.STRING
        ? Strings.array(shape, values.stream().map(JsonTensor::bytes).toList())
        : JsonTensors.array(shape, values, type);
  }

  static ByteString bytes(JsonNode value) {
    if (value.isTextual()) {
      return ByteString.copyFromUtf8(value.textValue());
    }
    try {
      return ByteString.copyFrom(
          Base64.getDecoder().decode(value.get(JsonTensors.BASE64).textValue()));
    } catch (IllegalArgumentException e) {
      throw RequestFailure.invalid("Unable to base64 decode");
    }
  }
}
