package org.adaptivesoftmax.remote;

import com.sun.net.httpserver.HttpServer;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import org.adaptivesoftmax.client.ModelServerClient;
import org.adaptivesoftmax.local.LocalModel;

/** Answers all that TensorFlow Serving is asked, over gRPC and REST, with a model in this process. */
public final class BridgeServer implements AutoCloseable {
  private final Server grpc;
  private final HttpServer http;

  public BridgeServer(LocalModel model, String name) throws IOException {
    grpc =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .addService(new BridgeGrpc.Predictions(model))
            .addService(new BridgeGrpc.Models(model))
            .build()
            .start();
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    String path = "/v1/models/" + name;
    http.createContext(path, new BridgeRest(model, path));
    http.start();
  }

  public String grpcTarget() {
    return "localhost:" + grpc.getPort();
  }

  ModelServerClient connect(Transport transport, RemoteModelBuilder client) {
    return transport == Transport.GRPC
        ? client.grpc(grpcTarget())
        : client.rest(URI.create("http://localhost:" + http.getAddress().getPort()));
  }

  @Override
  public void close() {
    grpc.shutdownNow();
    http.stop(0);
  }
}
