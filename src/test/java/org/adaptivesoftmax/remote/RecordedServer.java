package org.adaptivesoftmax.remote;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.grpc.Grpc;
import io.grpc.HandlerRegistry;
import io.grpc.InsecureServerCredentials;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.adaptivesoftmax.client.ModelServerClient;

/** Answers over gRPC and HTTP as the recording does, if the request is the recorded one to the byte or JSON value. */
final class RecordedServer implements AutoCloseable {
  private final Server grpc;
  private final HttpServer http;
  private final List<String> answered = new CopyOnWriteArrayList<>();
  private final Set<String> connections = ConcurrentHashMap.newKeySet();

  RecordedServer() throws IOException {
    grpc =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .fallbackHandlerRegistry(new Methods())
            .build()
            .start();
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext("/", this::answer);
    http.start();
  }

  /** How a client reaches it. */
  ModelServerClient connect(Transport transport, RemoteModelBuilder client) {
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

  /** Bytes as they come over the wire, whatever they say. */
  enum Raw implements MethodDescriptor.Marshaller<byte[]> {
    BYTES;

    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Every method, known by its name alone. */
  private final class Methods extends HandlerRegistry {
    @Override
    public ServerMethodDefinition<?, ?> lookupMethod(String name, String authority) {
      return ServerMethodDefinition.create(
          MethodDescriptor.newBuilder(Raw.BYTES, Raw.BYTES)
              .setType(MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(name)
              .build(),
          ServerCalls.asyncUnaryCall((request, out) -> answer("/" + name, request, out)));
    }
  }

  private void answer(String method, byte[] request, StreamObserver<byte[]> out) {
    for (Recording.Rpc recorded : Recording.grpc()) {
      if (recorded.method().equals(method) && Arrays.equals(recorded.request(), request)) {
        answered.add(recorded.note());
        reply(recorded, out);
        return;
      }
    }
    out.onError(
        Status.UNIMPLEMENTED
            .withDescription(
                "not recorded: %s %s".formatted(method, HexFormat.of().formatHex(request)))
            .asException());
  }

  private static void reply(Recording.Rpc recorded, StreamObserver<byte[]> out) {
    if (recorded.code().equals("OK")) {
      out.onNext(recorded.response());
      out.onCompleted();
    } else {
      out.onError(
          Status.fromCode(Status.Code.valueOf(recorded.code()))
              .withDescription(recorded.details())
              .asException());
    }
  }

  @Override
  public void close() {
    grpc.shutdownNow();
    http.stop(0);
  }
}
