package org.adaptivesoftmax.remote;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.util.Map;
import org.adaptivesoftmax.client.ModelMetadata;
import org.adaptivesoftmax.client.ModelMetadata.SignatureMetadata;
import org.adaptivesoftmax.client.ModelMetadata.TensorMetadata;
import org.adaptivesoftmax.client.ModelServerException;
import org.adaptivesoftmax.client.VersionStatus;
import org.adaptivesoftmax.local.LocalModel;
import org.adaptivesoftmax.server.RestAnswer;

/** The REST interface of TensorFlow Serving, answered by a model in this process. */
final class BridgeRest implements HttpHandler {
  private static final JsonMapper JSON = new JsonMapper();

  private final LocalModel model;
  private final String path;

  BridgeRest(LocalModel model, String path) {
    this.model = model;
    this.path = path;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    JsonNode request = JSON.readTree(exchange.getRequestBody());
    String what =
        exchange.getRequestMethod() + exchange.getRequestURI().getPath().substring(path.length());
    try {
      JsonNode answer =
          switch (what) {
            case "POST:predict", "POST:classify" -> RestAnswer.of(model, request);
            case "GET/metadata" -> metadata();
            case "GET" -> status();
            default -> throw new IllegalArgumentException("no such request: " + what);
          };
      // As the server writes NaN.
      String body =
          JSON.writer().without(JsonWriteFeature.WRITE_NAN_AS_STRINGS).writeValueAsString(answer);
      RecordedServer.reply(exchange, 200, body);
    } catch (IllegalArgumentException e) {
      ObjectNode error = JSON.createObjectNode().put("error", e.getMessage());
      RecordedServer.reply(exchange, 400, JSON.writeValueAsString(error));
    } catch (ModelServerException e) {
      int status =
          switch (e.code()) {
            case INVALID_ARGUMENT -> 400;
            case FAILED_PRECONDITION -> 412;
            default -> 500;
          };
      ObjectNode error = JSON.createObjectNode().put("error", e.getMessage());
      RecordedServer.reply(exchange, status, JSON.writeValueAsString(error));
    }
  }

  private JsonNode metadata() {
    ModelMetadata metadata = model.metadata();
    ObjectNode answer = JSON.createObjectNode();
    answer.putObject("model_spec").put("version", Long.toString(metadata.version()));
    ObjectNode signatures =
        answer.putObject("metadata").putObject("signature_def").putObject("signature_def");
    for (Map.Entry<String, SignatureMetadata> entry : metadata.signatures().entrySet()) {
      ObjectNode signature = signatures.putObject(entry.getKey());
      signature.put("method_name", entry.getValue().methodName());
      tensors(signature.putObject("inputs"), entry.getValue().inputs());
      tensors(signature.putObject("outputs"), entry.getValue().outputs());
    }
    return answer;
  }

  private static void tensors(ObjectNode json, Map<String, TensorMetadata> tensors) {
    for (Map.Entry<String, TensorMetadata> entry : tensors.entrySet()) {
      ObjectNode tensor = json.putObject(entry.getKey());
      tensor.put("dtype", entry.getValue().type().name());
      ObjectNode shape = tensor.putObject("tensor_shape");
      shape.put("unknown_rank", entry.getValue().shape().isUnknown());
      ArrayNode sizes = shape.putArray("dim");
      if (!entry.getValue().shape().isUnknown()) {
        for (long size : entry.getValue().shape().asArray()) {
          sizes.addObject().put("size", Long.toString(size));
        }
      }
    }
  }

  private JsonNode status() {
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode versions = answer.putArray("model_version_status");
    for (VersionStatus status : model.status()) {
      ObjectNode version = versions.addObject();
      version.put("version", Long.toString(status.version())).put("state", status.state().name());
      version
          .putObject("status")
          .put("error_code", status.code().name())
          .put("error_message", status.message());
    }
    return answer;
  }
}
