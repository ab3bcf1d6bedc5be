package org.adaptivesoftmax.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.adaptivesoftmax.proto.ExampleListWithContext;
import org.adaptivesoftmax.proto.Input;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.Features;

/** Examples in the body of a REST request, read as TensorFlow Serving reads them, with its words for what is wrong. */
final class RestExamples {
  private static final String EXAMPLES = "examples";

  private RestExamples() {}

  static Input of(JsonNode request) {
    ExampleListWithContext.Builder list = ExampleListWithContext.newBuilder();
    if (request.has("context")) {
      list.setContext(example(request.get("context")));
    }
    JsonNode examples = request.path(EXAMPLES);
    String wrong =
        examples.isMissingNode()
            ? "When method is classify, key 'examples' is expected and was not found"
            : !examples.isArray()
                ? "Expecting 'examples' value to be an list/array"
                : examples.isEmpty() ? "'examples' value is an empty array" : "";
    if (!wrong.isEmpty()) {
      throw RequestFailure.invalid("JSON Value: %s %s".formatted(JsonText.debug(request), wrong));
    }
    examples.forEach(example -> list.addExamples(example(example)));
    return Input.newBuilder().setExampleListWithContext(list).build();
  }

  private static Example example(JsonNode value) {
    if (!value.isObject()) {
      throw RequestFailure.invalid(
          "Example must be JSON object but got JSON " + JsonTensor.jsonType(value));
    }
    Features.Builder features = Features.newBuilder();
    for (Map.Entry<String, JsonNode> member : value.properties()) {
      Feature.Builder feature = Feature.newBuilder();
      JsonNode content = member.getValue();
      if (content.isArray()) {
        content.forEach(element -> add(element, member.getKey(), feature));
      } else {
        add(content, member.getKey(), feature);
      }
      features.putFeature(member.getKey(), feature.build());
    }
    return Example.newBuilder().setFeatures(features).build();
  }

  private static void add(JsonNode value, String name, Feature.Builder feature) {
    if (value.isBoolean()) {
      requireKind(feature, Feature.KindCase.INT64_LIST, name);
      feature.getInt64ListBuilder().addValue(value.booleanValue() ? 1 : 0);
    } else if (value.isTextual() || JsonTensor.isBase64(value)) {
      requireKind(feature, Feature.KindCase.BYTES_LIST, name);
      feature.getBytesListBuilder().addValue(JsonTensor.bytes(value));
    } else if (value.isIntegralNumber()) {
      requireKind(feature, Feature.KindCase.INT64_LIST, name);
      if (!value.canConvertToLong()) {
        throw RequestFailure.invalid(
            "Feature: %s has uint64_t element. Only int64_t is supported.".formatted(name));
      }
      feature.getInt64ListBuilder().addValue(value.longValue());
    } else if (value.isNumber()) {
      requireKind(feature, Feature.KindCase.FLOAT_LIST, name);
      feature.getFloatListBuilder().addValue(value.floatValue());
    } else {
      throw RequestFailure.invalid(
          "Feature: %s has element with unexpected JSON type: %s"
              .formatted(name, JsonTensor.jsonType(value)));
    }
  }

  private static void requireKind(Feature.Builder feature, Feature.KindCase kind, String name) {
    String known =
        switch (feature.getKindCase()) {
          case BYTES_LIST -> "bytes";
          case FLOAT_LIST -> "float";
          case INT64_LIST -> "int64";
          case KIND_NOT_SET -> "";
        };
    if (!known.isEmpty() && feature.getKindCase() != kind) {
      throw RequestFailure.invalid(
          "Unexpected element type in feature: %s expecting type: %s".formatted(name, known));
    }
  }
}
