package org.adaptivesoftmax.remote;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.adaptivesoftmax.client.ModelServerClient;
import org.adaptivesoftmax.internal.tensors.ProtoTensors;
import org.adaptivesoftmax.proto.PredictRequest;
import org.adaptivesoftmax.proto.PredictResponse;
import org.adaptivesoftmax.proto.PredictionServiceGrpc;
import org.tensorflow.ndarray.NdArrays;

/** Answers each Predict request as told: with the class 7, with a failure, late, or never. */
final class ScriptedServer implements AutoCloseable {
  /** What happens to a request. */
  enum Behaviour {
    ANSWER,
    ANSWER_LATE,
    UNAVAILABLE,
    BUSY,
    TOO_LARGE,
    INTERNAL,
    NEVER,
    STOP_IN_THE_BODY
  }

  static final long LATE_MS = 150;

  private final IntFunction<Behaviour> behaviour;
  private final Server grpc;
  private final HttpServer http;
  private final ExecutorService handlers = Executors.newCachedThreadPool();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger grpcConnections = new AtomicInteger();
  private final Set<String> httpConnections = ConcurrentHashMap.newKeySet();
  private final CountDownLatch grpcCancelled = new CountDownLatch(1);
  private final CountDownLatch grpcDisconnected = new CountDownLatch(1);

  /**
   * @param behaviour for each request, the first being 0
   */
  ScriptedServer(IntFunction<Behaviour> behaviour) throws IOException {
    this(behaviour, Transport.GRPC, 0);
  }

  /**
   * @param port of the transport
   */
  ScriptedServer(IntFunction<Behaviour> behaviour, Transport transport, int port)
      throws IOException {
    this.behaviour = behaviour;
    int grpcPort = transport == Transport.GRPC ? port : 0;
    int httpPort = transport == Transport.REST ? port : 0;
    grpc =
        Grpc.newServerBuilderForPort(grpcPort, InsecureServerCredentials.create())
            .addService(new Predictions())
            .addTransportFilter(new Connections())
            .build()
            .start();
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), httpPort), 0);
    http.setExecutor(handlers);
    http.createContext("/v1/models/m:predict", this::predict);
    http.start();
  }

  ModelServerClient connect(Transport transport, RemoteModelBuilder client) {
    return transport == Transport.GRPC
        ? client.grpc("localhost:" + grpc.getPort())
        : client.rest(URI.create("http://localhost:" + http.getAddress().getPort()));
  }

  int requests() {
    return requests.get();
  }

  int connections() {
    return grpcConnections.get() + httpConnections.size();
  }

  CountDownLatch grpcCancelled() {
    return grpcCancelled;
  }

  CountDownLatch grpcDisconnected() {
    return grpcDisconnected;
  }

  private void predict(HttpExchange exchange) throws IOException {
    httpConnections.add(exchange.getRemoteAddress().toString());
    exchange.getRequestBody().readAllBytes();
    switch (behaviour.apply(requests.getAndIncrement())) {
      case ANSWER -> answer(exchange);
      case ANSWER_LATE -> {
        sleep();
        answer(exchange);
      }
      case UNAVAILABLE -> RecordedServer.reply(exchange, 503, "{\"error\": \"too busy\"}");
      case BUSY -> RecordedServer.reply(exchange, 429, "{\"error\": \"queue is full\"}");
      case TOO_LARGE -> RecordedServer.reply(exchange, 413, "{\"error\": \"too large\"}");
      case INTERNAL -> RecordedServer.reply(exchange, 500, "{\"error\": \"broken\"}");
      case NEVER -> {}
      case STOP_IN_THE_BODY -> {
        exchange.sendResponseHeaders(200, 100);
        exchange.getResponseBody().write('{');
        exchange.getResponseBody().flush();
      }
    }
  }

  private static void answer(HttpExchange exchange) throws IOException {
    RecordedServer.reply(exchange, 200, "{\"predictions\": [{\"classes\": 7}]}");
  }

  private static void sleep() {
    try {
      Thread.sleep(LATE_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Predictions extends PredictionServiceGrpc.PredictionServiceImplBase {
    @Override
    public void predict(PredictRequest request, StreamObserver<PredictResponse> out) {
      ((ServerCallStreamObserver<PredictResponse>) out)
          .setOnCancelHandler(grpcCancelled::countDown);
      switch (behaviour.apply(requests.getAndIncrement())) {
        case ANSWER -> answer(out);
        case ANSWER_LATE -> {
          sleep();
          answer(out);
        }
        case UNAVAILABLE ->
            out.onError(Status.UNAVAILABLE.withDescription("too busy").asException());
        case BUSY ->
            out.onError(
                Status.RESOURCE_EXHAUSTED
                    .withDescription("Server Threadpool Exhausted")
                    .asException());
        case TOO_LARGE ->
            out.onError(
                Status.RESOURCE_EXHAUSTED
                    .withDescription("SERVER: Received message larger than max (9 vs. 4)")
                    .asException());
        case INTERNAL -> out.onError(Status.INTERNAL.withDescription("broken").asException());
        case NEVER, STOP_IN_THE_BODY -> {}
      }
    }

    private void answer(StreamObserver<PredictResponse> out) {
      out.onNext(
          PredictResponse.newBuilder()
              .putOutputs("classes", ProtoTensors.encode(NdArrays.vectorOf(7L)))
              .build());
      out.onCompleted();
    }
  }

  private final class Connections extends ServerTransportFilter {
    @Override
    public Attributes transportReady(Attributes attributes) {
      grpcConnections.incrementAndGet();
      return attributes;
    }

    @Override
    public void transportTerminated(Attributes attributes) {
      grpcDisconnected.countDown();
    }
  }

  @Override
  public void close() {
    try {
      // Until then it cancels calls instead of being away.
      grpc.shutdownNow().awaitTermination();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    http.stop(0);
    handlers.shutdownNow();
  }
}
