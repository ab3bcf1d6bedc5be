package org.adaptivesoftmax.internal.tensors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.Features;

/** Examples as JSON. */
public final class JsonExamples {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private JsonExamples() {}

  /**
   * @throws IllegalArgumentException if a number is infinite or NaN, which JSON does not have
   */
  public static ArrayNode encode(List<Example> examples) {
    ArrayNode array = JSON.arrayNode();
    for (Example example : examples) {
      ObjectNode features = array.addObject();
      example
          .getFeatures()
          .getFeatureMap()
          .forEach((name, feature) -> features.set(name, encode(name, feature)));
    }
    return array;
  }

  private static JsonNode encode(String name, Feature feature) {
    ArrayNode values = JSON.arrayNode();
    feature.getBytesList().getValueList().forEach(bytes -> values.add(encode(bytes)));
    for (Float value : feature.getFloatList().getValueList()) {
      Require.argument(Float.isFinite(value), "%s must be finite for REST: %s", name, value);
      values.add(value);
    }
    feature.getInt64List().getValueList().forEach(values::add);
    return values.size() == 1 ? values.get(0) : values;
  }

  private static JsonNode encode(ByteString bytes) {
    return bytes.isValidUtf8()
        ? JSON.textNode(bytes.toStringUtf8())
        : JSON.objectNode().put(JsonTensors.BASE64, bytes.toByteArray());
  }

  /**
   * The examples of a request: a feature's value is a string, a number or a list of such.
   *
   * @throws IllegalArgumentException if a feature has no such value
   */
  public static List<Example> decode(JsonNode array) {
    List<Example> examples = new ArrayList<>();
    for (JsonNode example : array) {
      Require.argument(example.isObject(), "example must be an object: %s", example);
      Features.Builder features = Features.newBuilder();
      example
          .properties()
          .forEach(named -> features.putFeature(named.getKey(), feature(named.getValue())));
      examples.add(Example.newBuilder().setFeatures(features).build());
    }
    return examples;
  }

  static Feature feature(JsonNode value) {
    List<JsonNode> values = new ArrayList<>();
    if (value.isArray()) {
      value.forEach(values::add);
    } else {
      values.add(value);
    }
    Feature.Builder feature = Feature.newBuilder();
    if (values.stream().allMatch(JsonNode::isIntegralNumber)) {
      for (JsonNode each : values) {
        Require.argument(each.canConvertToLong(), "feature must be an int64: %s", each);
        feature.getInt64ListBuilder().addValue(each.longValue());
      }
    } else if (values.stream().allMatch(JsonNode::isNumber)) {
      values.forEach(each -> feature.getFloatListBuilder().addValue(each.floatValue()));
    } else {
      values.forEach(each -> feature.getBytesListBuilder().addValue(bytes(each)));
    }
    return feature.build();
  }

  private static ByteString bytes(JsonNode value) {
    JsonNode binary = value.path(JsonTensors.BASE64);
    Require.argument(
        value.isTextual() || binary.isTextual(), "feature is of no known type: %s", value);
    return binary.isTextual()
        ? ByteString.copyFrom(Base64.getDecoder().decode(binary.textValue()))
        : ByteString.copyFromUtf8(value.textValue());
  }
}
