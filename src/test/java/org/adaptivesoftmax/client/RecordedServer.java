package org.adaptivesoftmax.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.adaptivesoftmax.proto.ClassificationRequest;
import org.adaptivesoftmax.proto.ClassificationResponse;
import org.adaptivesoftmax.proto.GetModelMetadataRequest;
import org.adaptivesoftmax.proto.GetModelMetadataResponse;
import org.adaptivesoftmax.proto.GetModelStatusRequest;
import org.adaptivesoftmax.proto.GetModelStatusResponse;
import org.adaptivesoftmax.proto.ModelServiceGrpc;
import org.adaptivesoftmax.proto.PredictRequest;
import org.adaptivesoftmax.proto.PredictResponse;
import org.adaptivesoftmax.proto.PredictionServiceGrpc;

/** Answers over gRPC and HTTP as the recording does, if the request is the recorded one to the byte or JSON value. */
final class RecordedServer implements AutoCloseable {
  private final Server grpc;
  private final HttpServer http;
  private final List<String> answered = new CopyOnWriteArrayList<>();
  private final Set<String> connections = ConcurrentHashMap.newKeySet();

  RecordedServer() throws IOException {
    grpc =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .addService(new Predictions())
            .addService(new Models())
            .build()
            .start();
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext("/", this::answer);
    http.start();
  }

  /** How a client reaches it. */
  ModelServerClient connect(Transport transport, ModelServerClientBuilder client) {
    return transport == Transport.GRPC
        ? client.grpc("localhost:" + grpc.getPort())
        : client.rest(URI.create("http://localhost:" + http.getAddress().getPort()));
  }

  /** Notes of the recorded exchanges that took place. */
  List<String> answered() {
    return answered;
  }

  /** Addresses that HTTP requests came from. */
  Set<String> connections() {
    return connections;
  }

  private void answer(HttpExchange exchange) throws IOException {
    connections.add(exchange.getRemoteAddress().toString());
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String path = exchange.getRequestURI().getRawPath();
    for (Recording.Rest recorded : Recording.rest()) {
      if (recorded.matches(exchange.getRequestMethod(), path, Recording.body(body))) {
        answered.add(recorded.note());
        reply(exchange, recorded.status(), recorded.response());
        return;
      }
    }
    reply(exchange, 501, "{\"error\": \"not recorded: %s\"}".formatted(path));
  }

  static void reply(HttpExchange exchange, int status, String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private <T extends Message> void answer(
      String method, Message request, Parser<T> answers, StreamObserver<T> out) {
    for (Recording.Rpc recorded : Recording.grpc(method)) {
      if (Arrays.equals(recorded.request(), request.toByteArray())) {
        answered.add(recorded.note());
        reply(recorded, answers, out);
        return;
      }
    }
    out.onError(Status.UNIMPLEMENTED.withDescription("not recorded: " + request).asException());
  }

  private static <T> void reply(Recording.Rpc recorded, Parser<T> answers, StreamObserver<T> out) {
    if (!recorded.code().equals("OK")) {
      out.onError(
          Status.fromCode(Status.Code.valueOf(recorded.code()))
              .withDescription(recorded.details())
              .asException());
      return;
    }
    try {
      out.onNext(answers.parseFrom(recorded.response()));
      out.onCompleted();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  private final class Predictions extends PredictionServiceGrpc.PredictionServiceImplBase {
    @Override
    public void predict(PredictRequest request, StreamObserver<PredictResponse> out) {
      answer("Predict", request, PredictResponse.parser(), out);
    }

    @Override
    public void classify(
        ClassificationRequest request, StreamObserver<ClassificationResponse> out) {
      answer("Classify", request, ClassificationResponse.parser(), out);
    }

    @Override
    public void getModelMetadata(
        GetModelMetadataRequest request, StreamObserver<GetModelMetadataResponse> out) {
      answer("GetModelMetadata", request, GetModelMetadataResponse.parser(), out);
    }
  }

  private final class Models extends ModelServiceGrpc.ModelServiceImplBase {
    @Override
    public void getModelStatus(
        GetModelStatusRequest request, StreamObserver<GetModelStatusResponse> out) {
      answer("GetModelStatus", request, GetModelStatusResponse.parser(), out);
    }
  }

  @Override
  public void close() {
    grpc.shutdownNow();
    http.stop(0);
  }
}
