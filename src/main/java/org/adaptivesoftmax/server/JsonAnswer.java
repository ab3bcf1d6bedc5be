package org.adaptivesoftmax.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.client.ClassScore;
import org.adaptivesoftmax.client.ModelMetadata.SignatureMetadata;
import org.adaptivesoftmax.client.ModelMetadata.TensorMetadata;
import org.adaptivesoftmax.client.ModelServerClient;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.internal.tensors.JsonExamples;
import org.adaptivesoftmax.internal.tensors.JsonTensors;
import org.adaptivesoftmax.internal.tensors.TensorType;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.tensorflow.ndarray.NdArray;

/** What {@link RestAnswer} does, apart from it: without Jackson this class does not link. */
final class JsonAnswer {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private JsonAnswer() {}

  static ObjectNode of(ModelServerClient model, JsonNode request) {
    String key = request.path("signature_name").asText(SignatureKeys.DEFAULT);
    SignatureMetadata signature = model.metadata().signatures().get(key);
    if (signature == null) {
      throw new IllegalArgumentException("no such signature: " + key);
    }
    Require.argument(
        !(request.has("instances") && request.has("inputs")),
        "request must have instances or inputs, not both");
    if (request.has("examples")) {
      return classified(model, key, request);
    } else if (request.has("instances")) {
      return predictions(model, key, signature, request.get("instances"));
    }
    Require.argument(request.has("inputs"), "request must have instances, inputs or examples");
    return outputs(model, key, signature, request.get("inputs"));
  }

  private static ObjectNode classified(ModelServerClient model, String key, JsonNode request) {
    JsonNode examples = request.get("examples");
    Require.argument(
        examples.isArray() && !examples.isEmpty(), "examples must be a list of examples");
    JsonNode context = request.path("context");
    Require.argument(
        context.isMissingNode() || context.isObject(), "context must be an object: %s", context);
    ArrayNode results = JSON.arrayNode();
    model
        .classify(key, JsonExamples.decode(inContext(examples, context)))
        .forEach(scores -> results.add(pairs(scores)));
    return JSON.objectNode().set("results", results);
  }

  /** Each example with the features of the context that it lacks. */
  private static JsonNode inContext(JsonNode examples, JsonNode context) {
    if (context.isMissingNode()) {
      return examples;
    }
    ArrayNode whole = JSON.arrayNode();
    for (JsonNode example : examples) {
      Require.argument(example.isObject(), "example must be an object: %s", example);
      ObjectNode features = context.deepCopy();
      example.properties().forEach(each -> features.set(each.getKey(), each.getValue()));
      whole.add(features);
    }
    return whole;
  }

  private static ObjectNode predictions(
      ModelServerClient model, String key, SignatureMetadata signature, JsonNode instances) {
    Require.argument(
        instances.isArray() && !instances.isEmpty(), "instances must be a list of rows");
    Map<String, List<JsonNode>> columns = new LinkedHashMap<>();
    for (JsonNode row : instances) {
      named(row, signature)
          .forEach(
              (name, value) -> columns.computeIfAbsent(name, n -> new ArrayList<>()).add(value));
    }
    Map<String, NdArray<?>> outputs = model.predict(key, tensors(columns, signature)).outputs();
    return JSON.objectNode()
        .set("predictions", JsonTensors.rows(outputs, instances.size(), outputs.size() == 1));
  }

  private static ObjectNode outputs(
      ModelServerClient model, String key, SignatureMetadata signature, JsonNode inputs) {
    Map<String, List<JsonNode>> columns = new LinkedHashMap<>();
    named(inputs, signature)
        .forEach(
            (name, column) -> {
              Require.argument(
                  column.isArray() && !column.isEmpty(), "input %s must be a list of rows", name);
              List<JsonNode> rows = new ArrayList<>();
              column.forEach(rows::add);
              columns.put(name, rows);
            });
    ObjectNode byName = JSON.objectNode();
    model
        .predict(key, tensors(columns, signature))
        .outputs()
        .forEach((name, output) -> byName.set(name, JsonTensors.encode(output)));
    return JSON.objectNode().set("outputs", byName.size() == 1 ? byName.iterator().next() : byName);
  }

  /** Values by the names of inputs; of the only input, if they have no names. */
  private static Map<String, JsonNode> named(JsonNode values, SignatureMetadata signature) {
    Map<String, JsonNode> byName = new LinkedHashMap<>();
    if (values.isObject() && !values.has(JsonTensors.BASE64)) {
      values.properties().forEach(value -> byName.put(value.getKey(), value.getValue()));
    } else {
      Require.argument(
          signature.inputs().size() == 1,
          "values must have the names of the inputs %s: %s",
          signature.inputs().keySet(),
          values);
      byName.put(signature.inputs().keySet().iterator().next(), values);
    }
    Require.argument(
        byName.keySet().equals(signature.inputs().keySet()),
        "inputs must be %s: %s",
        signature.inputs().keySet(),
        byName.keySet());
    return byName;
  }

  private static Map<String, NdArray<?>> tensors(
      Map<String, List<JsonNode>> columns, SignatureMetadata signature) {
    Map<String, NdArray<?>> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, TensorMetadata> input : signature.inputs().entrySet()) {
      String name = input.getKey();
      try {
        TensorType type = TensorType.of(input.getValue().type());
        List<JsonNode> rows = columns.getOrDefault(name, List.of());
        tensors.put(name, JsonTensors.decode(rows, type));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("input %s: %s".formatted(name, e.getMessage()), e);
      }
    }
    return tensors;
  }

  /** Pairs of label and score. */
  private static ArrayNode pairs(List<ClassScore> scores) {
    ArrayNode pairs = JSON.arrayNode();
    scores.forEach(score -> pairs.addArray().add(score.label()).add(score.score()));
    return pairs;
  }
}
