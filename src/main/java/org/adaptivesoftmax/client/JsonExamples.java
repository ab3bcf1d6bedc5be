package org.adaptivesoftmax.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;

/** Examples and the classes that they get as JSON. */
final class JsonExamples {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private JsonExamples() {}

  static ArrayNode encode(List<Example> examples) {
    ArrayNode array = JSON.arrayNode();
    for (Example example : examples) {
      ObjectNode features = array.addObject();
      example
          .getFeatures()
          .getFeatureMap()
          .forEach((name, feature) -> features.set(name, encode(feature)));
    }
    return array;
  }

  private static JsonNode encode(Feature feature) {
    ArrayNode values = JSON.arrayNode();
    feature.getBytesList().getValueList().forEach(bytes -> values.add(encode(bytes)));
    feature.getFloatList().getValueList().forEach(values::add);
    feature.getInt64List().getValueList().forEach(values::add);
    return values.size() == 1 ? values.get(0) : values;
  }

  private static JsonNode encode(ByteString bytes) {
    return bytes.isValidUtf8()
        ? JSON.textNode(bytes.toStringUtf8())
        : JSON.objectNode().put(JsonTensors.BASE64, bytes.toByteArray());
  }

  /** Pairs of label and score. */
  static List<ClassScore> scores(JsonNode result) {
    List<ClassScore> scores = new ArrayList<>();
    result.forEach(
        pair -> scores.add(new ClassScore(pair.path(0).asText(), pair.path(1).floatValue())));
    return scores;
  }
}
