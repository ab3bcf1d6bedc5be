package org.adaptivesoftmax.remote;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.adaptivesoftmax.client.ModelMetadata;
import org.adaptivesoftmax.client.ModelMetadata.SignatureMetadata;
import org.adaptivesoftmax.client.ModelMetadata.TensorMetadata;
import org.adaptivesoftmax.client.VersionStatus;
import org.adaptivesoftmax.client.VersionStatus.State;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.remote.Calls.Failure;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.error.Code;

/** What a server tells about models, in JSON. */
final class JsonModels {
  private JsonModels() {}

  static ModelMetadata metadata(JsonNode answer) throws Failure {
    try {
      Map<String, SignatureMetadata> signatures = new TreeMap<>();
      required(answer.at("/metadata/signature_def/signature_def"), JsonNode::isObject)
          .properties()
          .forEach(entry -> signatures.put(entry.getKey(), signature(entry.getValue())));
      signatures.remove(ModelMetadata.INIT_OP);
      return new ModelMetadata(answer.at("/model_spec/version").asLong(), signatures);
    } catch (IllegalArgumentException e) {
      throw new Failure(Code.INTERNAL, "answer is no metadata: " + e.getMessage(), e);
    }
  }

  private static JsonNode required(JsonNode node, Predicate<JsonNode> kind) {
    Require.argument(
        kind.test(node), "%s", node.isMissingNode() ? "nothing of it" : node.toString());
    return node;
  }

  private static SignatureMetadata signature(JsonNode signature) {
    return new SignatureMetadata(
        signature.path("method_name").asText(),
        tensors(signature.path("inputs")),
        tensors(signature.path("outputs")));
  }

  private static Map<String, TensorMetadata> tensors(JsonNode tensors) {
    Map<String, TensorMetadata> metadata = new TreeMap<>();
    tensors
        .properties()
        .forEach(
            entry ->
                metadata.put(
                    entry.getKey(),
                    new TensorMetadata(
                        DataType.valueOf(entry.getValue().path("dtype").asText()),
                        shape(entry.getValue().path("tensor_shape")))));
    return metadata;
  }

  private static Shape shape(JsonNode shape) {
    if (shape.path("unknown_rank").asBoolean()) {
      return Shape.unknown();
    }
    List<Long> sizes = new ArrayList<>();
    shape.path("dim").forEach(dim -> sizes.add(dim.path("size").asLong()));
    return Shape.of(sizes.stream().mapToLong(Long::longValue).toArray());
  }

  static List<VersionStatus> status(JsonNode answer) throws Failure {
    try {
      List<VersionStatus> versions = new ArrayList<>();
      for (JsonNode status : required(answer.path("model_version_status"), JsonNode::isArray)) {
        versions.add(
            new VersionStatus(
                status.path("version").asLong(),
                State.valueOf(status.path("state").asText()),
                Code.valueOf(status.at("/status/error_code").asText()),
                status.at("/status/error_message").asText()));
      }
      return versions;
    } catch (IllegalArgumentException e) {
      throw new Failure(Code.INTERNAL, "answer is no status: " + e.getMessage(), e);
    }
  }
}
