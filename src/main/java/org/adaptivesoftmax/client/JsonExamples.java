package org.adaptivesoftmax.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.client.Calls.Failure;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.error.Code;

/** Examples and the classes that they get as JSON. */
final class JsonExamples {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private JsonExamples() {}

  /**
   * @throws IllegalArgumentException if a number is infinite or NaN, which JSON does not have
   */
  static ArrayNode encode(List<Example> examples) {
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
      Batch.require(Float.isFinite(value), "%s must be finite for REST: %s".formatted(name, value));
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

  /** For each example pairs of label and score. */
  static List<List<ClassScore>> results(JsonNode results) throws Failure {
    List<List<ClassScore>> all = new ArrayList<>();
    for (JsonNode result : results) {
      List<ClassScore> scores = new ArrayList<>();
      for (JsonNode pair : result) {
        if (!pair.path(0).isTextual() || !pair.path(1).isNumber()) {
          throw new Failure(Code.INTERNAL, "answer must have pairs of label and score: " + pair);
        }
        scores.add(new ClassScore(pair.path(0).textValue(), pair.path(1).floatValue()));
      }
      all.add(scores);
    }
    return all;
  }
}
