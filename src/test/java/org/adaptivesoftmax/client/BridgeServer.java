package org.adaptivesoftmax.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.adaptivesoftmax.proto.PredictRequest;
import org.adaptivesoftmax.proto.PredictResponse;
import org.adaptivesoftmax.proto.PredictionServiceGrpc;
import org.tensorflow.ndarray.NdArray;

/** Answers Predict requests over gRPC and REST with a model in this process. */
public final class BridgeServer implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();

  private final LocalModel model;
  private final Server grpc;
  private final HttpServer http;

  public BridgeServer(LocalModel model, String name) throws IOException {
    this.model = model;
    grpc =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .addService(new Predictions())
            .build()
            .start();
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext("/v1/models/%s:predict".formatted(name), this::predict);
    http.start();
  }

  public String grpcTarget() {
    return "localhost:" + grpc.getPort();
  }

  ModelServerClient connect(Transport transport, ModelServerClientBuilder client) {
    return transport == Transport.GRPC
        ? client.grpc(grpcTarget())
        : client.rest(URI.create("http://localhost:" + http.getAddress().getPort()));
  }

  private void predict(HttpExchange exchange) throws IOException {
    JsonNode request = JSON.readTree(exchange.getRequestBody());
    Map<String, NdArray<?>> inputs = new LinkedHashMap<>();
    JsonNode instances = request.get("instances");
    boolean named = instances.get(0).isObject();
    List<String> names =
        named
            ? instances.get(0).properties().stream().map(Map.Entry::getKey).toList()
            : List.of("inputs");
    for (String name : names) {
      inputs.put(
          name,
          JsonTensors.decode(
              StreamSupport.stream(instances.spliterator(), false)
                  .map(row -> named ? row.get(name) : row)
                  .toList()));
    }
    Prediction prediction =
        model.predict(request.path("signature_name").asText("serving_default"), inputs);
    ObjectNode answer = JSON.createObjectNode();
    answer.set("predictions", JsonTensors.instances(prediction.outputs(), instances.size()));
    RecordedServer.reply(exchange, 200, JSON.writeValueAsString(answer));
  }

  private final class Predictions extends PredictionServiceGrpc.PredictionServiceImplBase {
    @Override
    public void predict(PredictRequest request, StreamObserver<PredictResponse> out) {
      Map<String, NdArray<?>> inputs = new LinkedHashMap<>();
      request.getInputsMap().forEach((name, input) -> inputs.put(name, GrpcTensors.decode(input)));
      String signature = request.getModelSpec().getSignatureName();
      try {
        PredictResponse.Builder response = PredictResponse.newBuilder();
        model
            .predict(signature.isEmpty() ? "serving_default" : signature, inputs)
            .outputs()
            .forEach((name, output) -> response.putOutputs(name, GrpcTensors.encode(output)));
        out.onNext(response.build());
        out.onCompleted();
      } catch (ModelServerException e) {
        out.onError(
            Status.fromCode(Status.Code.valueOf(e.code().name()))
                .withDescription(e.getMessage())
                .asException());
      }
    }
  }

  @Override
  public void close() {
    grpc.shutdownNow();
    http.stop(0);
  }
}
