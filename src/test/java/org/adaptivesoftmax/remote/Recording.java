package org.adaptivesoftmax.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.stream.StreamSupport;

/** What a real TensorFlow Serving 2.20 was asked over gRPC and REST, and what it answered. */
public final class Recording {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<JsonNode> EXCHANGES = read();

  private Recording() {}

  /** An exchange over REST. */
  public record Rest(
      String note, String method, String path, JsonNode request, int status, String response) {
    /** JSON has one kind of numbers: 1 is 1.0. */
    boolean matches(String method, String path, JsonNode body) {
      return this.method.equals(method) && this.path.equals(path) && same(request, body);
    }
  }

  /** An exchange over gRPC; {@code code} is the status, {@code details} its message. */
  @SuppressWarnings("ArrayRecordComponent")
  public record Rpc(
      String note, String method, byte[] request, String code, byte[] response, String details) {}

  private static List<JsonNode> read() {
    try (InputStream in =
        Objects.requireNonNull(
            Recording.class.getResourceAsStream("/tensorflow-serving/recorded.json"))) {
      JsonNode exchanges = JSON.readTree(in).get("exchanges");
      return StreamSupport.stream(exchanges.spliterator(), false).toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public static List<Rest> rest() {
    return EXCHANGES.stream()
        .filter(exchange -> exchange.get("kind").asText().equals("rest"))
        .map(
            exchange ->
                new Rest(
                    exchange.get("note").asText(),
                    exchange.get("method").asText(),
                    exchange.get("path").asText(),
                    body(exchange.get("request").asText("null")),
                    exchange.get("status").asInt(),
                    exchange.get("response").asText()))
        .toList();
  }

  public static List<Rpc> grpc() {
    return EXCHANGES.stream()
        .filter(exchange -> exchange.get("kind").asText().equals("grpc"))
        .map(
            exchange ->
                new Rpc(
                    exchange.get("note").asText(),
                    exchange.get("method").asText(),
                    bytes(exchange, "request_base64"),
                    exchange.get("code").asText(),
                    bytes(exchange, "response_base64"),
                    exchange.path("details").asText()))
        .toList();
  }

  private static byte[] bytes(JsonNode exchange, String field) {
    return Base64.getDecoder().decode(exchange.path(field).asText());
  }

  /** Requests that are no JSON stay text. */
  static JsonNode body(String text) {
    try {
      return JSON.readTree(text.isEmpty() ? "null" : text);
    } catch (IOException e) {
      return JSON.getNodeFactory().textNode(text);
    }
  }

  private static boolean same(JsonNode one, JsonNode other) {
    if (one.isNumber() && other.isNumber()) {
      return one.doubleValue() == other.doubleValue();
    } else if (one.isArray() && other.isArray() && one.size() == other.size()) {
      Iterator<JsonNode> others = other.iterator();
      return StreamSupport.stream(one.spliterator(), false)
          .allMatch(element -> same(element, others.next()));
    } else if (one.isObject() && other.isObject() && one.size() == other.size()) {
      return one.properties().stream()
          .allMatch(
              field ->
                  other.has(field.getKey()) && same(field.getValue(), other.get(field.getKey())));
    }
    return one.equals(other);
  }
}
