package org.adaptivesoftmax.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.adaptivesoftmax.proto.GetModelMetadataResponse;
import org.adaptivesoftmax.proto.ModelServiceGrpc;
import org.adaptivesoftmax.proto.PredictionServiceGrpc;
import org.adaptivesoftmax.proto.SignatureDefMap;
import org.adaptivesoftmax.remote.Recording;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a real TensorFlow Serving was asked and answered: the server is asked the same, and answers the same. */
class RecordedExchangesTest {
  private static final JsonMapper JSON = new JsonMapper();


  @TempDir static Path directory;

  private static ModelServer server;
  private static HttpClient http;
  private static ManagedChannel channel;

  @BeforeAll
  static void start() throws IOException {
    server =
        ModelServer.builder()
            .model("probe", ProbeModel.publish(directory.resolve("probe")))
            .ports(0, 0)
            .start();
    http = HttpClient.newHttpClient();
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort()).usePlaintext().build();
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    server.close();
  }

  static List<Recording.Rest> rest() {
    return Recording.rest();
  }

  /** An empty batch is answered here; with batching on, the real server never answers it. */
  static Stream<Recording.Rpc> grpc() {
    return Recording.grpc().stream().filter(exchange -> !exchange.note().equals("empty batch"));
  }

  @ParameterizedTest
  @MethodSource
  void rest(Recording.Rest exchange) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:%d%s".formatted(server.restPort(), exchange.path()));
    HttpRequest.BodyPublisher body =
        exchange.method().equals("GET")
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofString(
                exchange.request().isTextual()
                    ? exchange.request().textValue()
                    : exchange.request().toString());
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(uri).method(exchange.method(), body).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(exchange.status());
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
    if (exchange.note().equals("metadata")) { // A map, which is in no order.
      assertThat(JSON.readTree(answer.body())).isEqualTo(JSON.readTree(exchange.response()));
    } else {
      assertThat(anyProduct(answer.body())).isEqualTo(anyProduct(exchange.response()));
    }
  }

  private static String anyProduct(String message) {
    return message.replace("[8,40]", "[8,11]").replace("MatMul_1", "MatMul");
  }

  @ParameterizedTest
  @MethodSource
  void grpc(Recording.Rpc exchange) throws InvalidProtocolBufferException {
    MethodDescriptor<Message, Message> method = method(exchange.method());
    Message request =
        method.parseRequest(new java.io.ByteArrayInputStream(exchange.request()));
    if (exchange.code().equals("OK")) {
      Message answer = call(method, request);
      Message expected =
          method.parseResponse(new java.io.ByteArrayInputStream(exchange.response()));
      if (expected instanceof GetModelMetadataResponse metadata) {
        assertThat(signatures((GetModelMetadataResponse) answer)).isEqualTo(signatures(metadata));
        assertThat(((GetModelMetadataResponse) answer).getModelSpec())
            .isEqualTo(metadata.getModelSpec());
      } else {
        assertThat(answer).isEqualTo(expected);
      }
      return;
    }
    assertThat(
            org.junit.jupiter.api.Assertions.assertThrows(
                StatusRuntimeException.class, () -> call(method, request)))
        .satisfies(
            e -> {
              assertThat(e.getStatus().getCode().name()).isEqualTo(exchange.code());
              assertThat(anyProduct(String.valueOf(e.getStatus().getDescription())))
                  .isEqualTo(anyProduct(exchange.details()));
            });
  }

  private static SignatureDefMap signatures(GetModelMetadataResponse metadata)
      throws InvalidProtocolBufferException {
    return metadata.getMetadataOrThrow("signature_def").unpack(SignatureDefMap.class);
  }

  private static Message call(MethodDescriptor<Message, Message> method, Message request) {
    Channel calls = channel;
    return ClientCalls.blockingUnaryCall(
        calls, method, CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS), request);
  }

  @SuppressWarnings("unchecked") // All of a service's are messages.
  private static MethodDescriptor<Message, Message> method(String name) {
    return Stream.of(
            PredictionServiceGrpc.getServiceDescriptor(), ModelServiceGrpc.getServiceDescriptor())
        .flatMap(service -> service.getMethods().stream())
        .filter(method -> ("/" + method.getFullMethodName()).equals(name))
        .map(method -> (MethodDescriptor<Message, Message>) (MethodDescriptor<?, ?>) method)
        .findFirst()
        .orElseThrow();
  }
}
