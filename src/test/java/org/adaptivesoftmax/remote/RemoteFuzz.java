package org.adaptivesoftmax.remote;

import com.sun.net.httpserver.HttpServer;
import io.grpc.Grpc;
import io.grpc.HandlerRegistry;
import io.grpc.InsecureServerCredentials;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.adaptivesoftmax.client.ModelServerClient;
import org.adaptivesoftmax.client.ModelServerException;
import org.adaptivesoftmax.fuzz.FuzzTarget;
import org.adaptivesoftmax.remote.RecordedServer.Raw;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.proto.Example;

/**
 * Clients of a server that answers anything. An input is a byte that chooses the call, and the body of the answer; over REST
 * the byte chooses the status, too.
 */
public final class RemoteFuzz {
  private static final Set<Class<? extends Throwable>> DOCUMENTED =
      Set.of(ModelServerException.class);

  /** Two outputs of which each row is given by its last value at most. */
  private static final long REPEATED = 100_000;

  /** A client over REST. */
  public static final FuzzTarget REST =
      FuzzTarget.of("rest-answer", DOCUMENTED, (input, directory) -> call(Rest.CLIENT, input));

  /** A client over gRPC. */
  public static final FuzzTarget GRPC =
      FuzzTarget.of("grpc-answer", DOCUMENTED, (input, directory) -> call(Rpc.CLIENT, input))
          .bytesPerByte(REPEATED);

  private static final List<Integer> STATUS = List.of(200, 200, 200, 400, 503, 600);

  /** What the server says next. */
  private static volatile byte[] input = {};

  private RemoteFuzz() {}

  private static byte[] body() {
    return Arrays.copyOfRange(input, Math.min(1, input.length), input.length);
  }

  private static RemoteModelBuilder model() {
    return RemoteModel.builder("m").retries(0);
  }

  /** One call of each kind; the target's server answers with the input. */
  private static void call(ModelServerClient client, byte[] answer) {
    input = answer;
    int kind = answer.length == 0 ? 0 : answer[0] & 3;
    switch (kind) {
      case 0 -> client.predict("serving_default", Map.of("inputs", NdArrays.vectorOf(1f, 2f)));
      case 1 -> client.classify("classify", List.of(Example.getDefaultInstance()));
      case 2 -> client.metadata();
      default -> client.status();
    }
  }

  /** Started when it is first needed. */
  private static final class Rest {
    static final ModelServerClient CLIENT = model().rest(start());

    private static URI start() {
      try {
        HttpServer server =
            HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
            "/",
            exchange -> {
              exchange.getRequestBody().readAllBytes();
              byte[] body = body();
              exchange.sendResponseHeaders(status(), body.length == 0 ? -1 : body.length);
              exchange.getResponseBody().write(body);
              exchange.close();
            });
        server.start();
        return URI.create("http://localhost:" + server.getAddress().getPort());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static int status() {
      return input.length == 0 ? 200 : STATUS.get(((input[0] & 0xff) >> 2) % STATUS.size());
    }
  }

  /** Started when it is first needed. */
  private static final class Rpc {
    static final ModelServerClient CLIENT = model().grpc("localhost:" + start());

    private static int start() {
      try {
        return Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .fallbackHandlerRegistry(new Methods())
            .build()
            .start()
            .getPort();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Every method, known by its name alone. */
  private static final class Methods extends HandlerRegistry {
    @Override
    public ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
      return ServerMethodDefinition.create(
          MethodDescriptor.newBuilder(Raw.BYTES, Raw.BYTES)
              .setType(MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(name)
              .build(),
          ServerCalls.asyncUnaryCall(
              (request, out) -> {
                out.onNext(body());
                out.onCompleted();
              }));
    }
  }
}
