package org.adaptivesoftmax.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.adaptivesoftmax.fuzz.FuzzTarget;
import org.adaptivesoftmax.internal.io.OneLine;
import org.adaptivesoftmax.internal.tensors.JsonExamples;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.TensorInfo;

/** Readers of requests and configurations. */
public final class ServerFuzz {
  /** {@code models.config}. */
  public static final FuzzTarget MODELS_CONFIG =
      FuzzTarget.of(
          "models-config",
          Set.of(IllegalArgumentException.class, IOException.class),
          ServerFuzz::modelsConfig);

  /** The body of a REST request. What is wrong is told in TensorFlow Serving's words and in JSON, where ASCII's control characters are escaped. */
  public static final FuzzTarget JSON_REQUEST =
      FuzzTarget.of("json-request", Set.of(IllegalArgumentException.class), ServerFuzz::request);

  /** A {@code tf.Example} that becomes JSON, and what a server reads of that. */
  public static final FuzzTarget JSON_EXAMPLE =
      FuzzTarget.of(
          "json-example",
          Set.of(IllegalArgumentException.class, InvalidProtocolBufferException.class),
          ServerFuzz::example);

  private static final Map<String, Map<String, TensorInfo>> SIGNATURES =
      Map.of(
          "serving_default", inputs(Map.of("inputs", DataType.DT_FLOAT)),
          "text", inputs(Map.of("text", DataType.DT_STRING)),
          "many",
              inputs(
                  Map.of(
                      "a", DataType.DT_INT64,
                      "b", DataType.DT_INT32,
                      "c", DataType.DT_BOOL,
                      "d", DataType.DT_DOUBLE)));

  private ServerFuzz() {}

  private static Map<String, TensorInfo> inputs(Map<String, DataType> types) {
    return types.entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                input -> TensorInfo.newBuilder().setDtype(input.getValue()).build()));
  }

  private static void modelsConfig(byte[] input, Path directory) throws IOException {
    ModelSource.read(Files.write(directory.resolve("models.config"), input));
  }

  private static void request(byte[] input, Path directory) {
    try {
      JsonNode body = RestBody.parse(input);
      if (body.has("examples")) {
        RestExamples.of(body);
      } else {
        RestBody.predict(body, key -> SIGNATURES.getOrDefault(key, Map.of()));
      }
    } catch (RequestFailure e) {
      String message = String.valueOf(e.getMessage());
      assertThat(RestText.error(message).chars()).allMatch(c -> c >= ' ' || c == '\n');
      assertThat(message.length()).isLessThanOrEqualTo(OneLine.MAX_LENGTH);
      throw new IllegalArgumentException(OneLine.of(message), e);
    }
  }

  private static void example(byte[] input, Path directory) throws IOException {
    Example example = Example.parseFrom(input);
    String json = JsonExamples.encode(List.of(example)).toString();
    request("{\"examples\": %s}".formatted(json).getBytes(UTF_8), directory);
  }
}
