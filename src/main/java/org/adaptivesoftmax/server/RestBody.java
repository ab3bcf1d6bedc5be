package org.adaptivesoftmax.server;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.proto.TensorInfo;

/** The body of a request of TensorFlow Serving's REST API, read as it reads it, with its words for what is wrong. */
final class RestBody {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();
  private static final String INSTANCES = "instances";
  private static final String INPUTS = "inputs";

  private RestBody() {}

  /**
   * A request to predict.
   *
   * @param signature its key; empty for the default one
   * @param rows whether it came row by row, as its answer shall
   */
  record Predict(String signature, boolean rows, Map<String, NdArray<?>> inputs) {}

  /**
   * Reads JSON.
   *
   * @throws RequestFailure if it is none, or no object
   */
  static JsonNode parse(byte[] body) {
    if (body.length == 0) {
      throw RequestFailure.invalid("JSON Parse error: The document is empty");
    }
    try (JsonParser parser = JSON.createParser(body)) {
      JsonNode document = read(parser);
      if (!document.isObject()) {
        throw RequestFailure.invalid(
            "JSON Value: %s Is not object".formatted(JsonText.debug(document)));
      }
      return document;
    } catch (IOException e) {
      throw RequestFailure.of(e);
    }
  }

  private static JsonNode read(JsonParser parser) throws IOException {
    try {
      JsonNode document = JSON.readTree(parser);
      return document == null ? JSON.missingNode() : document;
    } catch (JsonProcessingException e) {
      JsonStreamContext where = parser.getParsingContext();
      String what =
          where.inArray()
              ? "Missing a comma or ']' after an array element."
              : where.inObject()
                  ? "Missing a comma or '}' after an object member."
                  : "Invalid value.";
      throw RequestFailure.invalid(
          "JSON Parse error: %s at offset: %s"
              .formatted(what, parser.currentLocation().getByteOffset()));
    }
  }

  /** The signature that a request names, or nothing. */
  static String signature(JsonNode request) {
    JsonNode name = request.path("signature_name");
    if (!name.isMissingNode() && !name.isTextual()) {
      throw RequestFailure.invalid(
          "JSON Value: %s not formatted correctly. 'signature_name' key must be a string value."
              .formatted(JsonText.debug(request)));
    }
    return name.asText("");
  }

  /**
   * Reads a request to predict.
   *
   * @param inputsOf a signature's inputs by its key
   */
  static Predict predict(JsonNode request, Function<String, Map<String, TensorInfo>> inputsOf) {
    String signature = signature(request);
    Map<String, TensorInfo> inputs =
        new TreeMap<>(inputsOf.apply(signature.isEmpty() ? SignatureKeys.DEFAULT : signature));
    if (inputs.isEmpty()) {
      throw RequestFailure.invalid(
          "Failed to get input map for signature: "
              + (signature.isEmpty() ? "DEFAULT" : signature));
    }
    JsonNode instances = request.path(INSTANCES);
    JsonNode columns = request.path(INPUTS);
    if (!instances.isMissingNode()) {
      requireRows(request, instances, columns);
      return new Predict(signature, true, rows(instances, inputs));
    } else if (!columns.isMissingNode()) {
      return new Predict(signature, false, columns(columns, inputs));
    }
    throw RequestFailure.invalid("Missing 'inputs' or 'instances' key");
  }

  private static void requireRows(JsonNode request, JsonNode instances, JsonNode columns) {
    String wrong =
        !columns.isMissingNode()
            ? "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist "
            : !instances.isArray()
                ? "Expecting 'instances' to be an list/array"
                : instances.isEmpty() ? "No values in 'instances' array" : "";
    if (!wrong.isEmpty()) {
      throw RequestFailure.invalid("JSON Value: %s %s".formatted(JsonText.debug(request), wrong));
    }
  }

  private static Map<String, NdArray<?>> rows(JsonNode instances, Map<String, TensorInfo> inputs) {
    if (!instances.get(0).isObject() && inputs.size() > 1) {
      throw RequestFailure.invalid(
          "instances is a plain list, but expecting list of objects as multiple input tensors required as per tensorinfo_map");
    }
    boolean named = isNamed(instances.get(0));
    Map<String, JsonTensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < instances.size(); i++) {
      JsonNode row = instances.get(i);
      if (named) {
        addNamed(row, i, inputs, tensors);
      } else if (isNamed(row)) {
        throw RequestFailure.invalid(
            "Expecting value/list but got object at item %s of input list".formatted(i));
      } else {
        String where = "Failed to process element: %s of 'instances' list.".formatted(i);
        add(inputs.keySet().iterator().next(), row, inputs, tensors, where);
      }
    }
    Map<String, NdArray<?>> arrays = new TreeMap<>();
    tensors.forEach((name, tensor) -> arrays.put(name, tensor.rows()));
    return arrays;
  }

  private static boolean isNamed(JsonNode row) {
    return row.isObject() && !JsonTensor.isBase64(row);
  }

  private static void addNamed(
      JsonNode row, int i, Map<String, TensorInfo> inputs, Map<String, JsonTensor> tensors) {
    if (!isNamed(row)) {
      throw RequestFailure.invalid(
          "Expecting object but got list at item %s of input list".formatted(i));
    }
    Set<String> names = new LinkedHashSet<>();
    for (Map.Entry<String, JsonNode> value : row.properties()) {
      names.add(value.getKey());
      String where =
          "Failed to process element: %s key: %s of 'instances' list.".formatted(i, value.getKey());
      add(value.getKey(), value.getValue(), inputs, tensors, where);
    }
    if (!names.equals(inputs.keySet())) {
      throw RequestFailure.invalid(
          "Failed to process element: %s of 'instances' list. JSON object: %s keys must be equal to: %s"
              .formatted(i, JsonText.debug(row), String.join(",", new TreeSet<>(inputs.keySet()))));
    }
  }

  private static void add(
      String name,
      JsonNode value,
      Map<String, TensorInfo> inputs,
      Map<String, JsonTensor> tensors,
      String where) {
    try {
      TensorInfo info = inputs.get(name);
      if (info == null) {
        throw RequestFailure.invalid("JSON object: does not have named input: " + name);
      }
      tensors.computeIfAbsent(name, key -> new JsonTensor(info.getDtype())).add(value);
    } catch (RequestFailure e) {
      throw RequestFailure.invalid(where + " Error: " + e);
    }
  }

  private static Map<String, NdArray<?>> columns(JsonNode columns, Map<String, TensorInfo> inputs) {
    Map<String, NdArray<?>> arrays = new TreeMap<>();
    if (!isNamed(columns)) {
      if (inputs.size() > 1) {
        throw RequestFailure.invalid(
            "inputs is a plain value/list, but expecting an object as multiple input tensors required as per tensorinfo_map");
      }
      inputs.forEach(
          (name, info) -> arrays.put(name, new JsonTensor(info.getDtype()).whole(columns)));
      return arrays;
    }
    inputs.forEach(
        (name, info) -> {
          JsonNode column = columns.get(name);
          if (column == null) {
            throw RequestFailure.invalid(
                "Missing named input: %s in 'inputs' object.".formatted(name));
          }
          arrays.put(name, new JsonTensor(info.getDtype()).whole(column));
        });
    return arrays;
  }
}
