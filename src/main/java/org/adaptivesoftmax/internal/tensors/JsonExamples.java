package org.adaptivesoftmax.internal.tensors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import java.util.List;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;

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
}
