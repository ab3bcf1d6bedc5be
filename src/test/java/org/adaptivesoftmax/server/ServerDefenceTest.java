package org.adaptivesoftmax.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.client.ModelServerClient;
import org.adaptivesoftmax.proto.GetModelStatusRequest;
import org.adaptivesoftmax.proto.ModelServiceGrpc;
import org.adaptivesoftmax.proto.ModelSpec;
import org.adaptivesoftmax.remote.RemoteModel;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.SavedModelPublisher;
import org.adaptivesoftmax.savedmodel.ServingSignature;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

/** What others may not do to a server. */
@Timeout(60)
class ServerDefenceTest {
  private static final String BODY = "{\"instances\": [[1, 2, 3, 4, 5, 6, 7, 8]]}";
  private static final String PREDICT = "/v1/models/probe:predict";

  @TempDir static Path shared;
  private static ModelDirectory probe;

  @TempDir Path directory;

  @BeforeAll
  static void publish() throws IOException {
    probe = ProbeModel.publish(shared.resolve("probe"));
  }

  private static ModelServerBuilder builder() {
    return ModelServer.builder().model("probe", probe).ports(0, 0);
  }

  private static HttpRequest.Builder request(ModelServer server, String path, String body) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:%d%s".formatted(server.restPort(), path)))
        .POST(HttpRequest.BodyPublishers.ofString(body));
  }

  private static HttpResponse<String> send(HttpRequest request)
      throws IOException, InterruptedException {
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void aRequestNeedsTheToken() throws Exception {
    Path file = Files.writeString(directory.resolve("token"), "s3cret\n");
    try (ModelServer server = builder().token(file).start()) {
      HttpRequest.Builder request = request(server, PREDICT, BODY);
      HttpResponse<String> refused = send(request.build());
      assertThat(refused.statusCode()).isEqualTo(401);
      assertThat(refused.headers().firstValue("WWW-Authenticate")).contains("Bearer");
      assertThat(send(request.copy().header("Authorization", "Bearer s3cre").build()).statusCode())
          .isEqualTo(401);
      assertThat(send(request.copy().header("Authorization", "Bearer s3cret").build()).statusCode())
          .isEqualTo(200);
      assertThat(
              send(request(server, "/monitoring/prometheus/metrics", "").GET().build())
                  .statusCode())
          .isEqualTo(401);
      assertThat(send(request(server, "/", "").GET().build()).statusCode()).isEqualTo(200);
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort()).usePlaintext().build();
      try {
        assertThatThrownBy(() -> status(channel))
            .isInstanceOfSatisfying(
                StatusRuntimeException.class,
                e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED));
        assertThat(status(ClientInterceptors.intercept(channel, bearer("s3cret")))).isEqualTo(1);
      } finally {
        channel.shutdownNow();
      }
    }
  }

  private static int status(Channel channel) {
    return ModelServiceGrpc.newBlockingStub(channel)
        .getModelStatus(
            GetModelStatusRequest.newBuilder()
                .setModelSpec(ModelSpec.newBuilder().setName("probe"))
                .build())
        .getModelVersionStatusCount();
  }

  private static ClientInterceptor bearer(String token) {
    return new ClientInterceptor() {
      @Override
      public <Q, A> ClientCall<Q, A> interceptCall(
          MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return new ForwardingClientCall.SimpleForwardingClientCall<>(
            next.newCall(method, options)) {
          @Override
          public void start(Listener<A> listener, Metadata headers) {
            headers.put(
                Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
                "Bearer " + token);
            super.start(listener, headers);
          }
        };
      }
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC"})
  void bothPortsAreEncrypted(String algorithm) throws Exception {
    Certificates files = Certificates.make(directory, algorithm);
    try (ModelServer server = builder().tls(files.certificate(), files.key()).start();
        ModelServerClient grpc =
            RemoteModel.builder("probe")
                .tls(files.certificate())
                .grpc("localhost:" + server.grpcPort());
        ModelServerClient rest =
            RemoteModel.builder("probe")
                .tls(files.certificate())
                .rest(URI.create("https://localhost:" + server.restPort()))) {
      assertThat(grpc.status()).hasSize(1);
      assertThat(rest.status()).hasSize(1);
      assertThatThrownBy(() -> send(request(server, PREDICT, BODY).build()))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void aKeyThatIsNoneIsToldWithItsFile() throws Exception {
    Certificates files = Certificates.make(directory, "EC");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().tls(files.certificate(), files.certificate()).start())
        .withMessage("no PEM private key (PKCS #8, without a password): %s", files.certificate());
  }

  @Test
  void aLargeBodyIsRefused() throws Exception {
    try (ModelServer server = builder().maxBody(1000).start()) {
      HttpResponse<String> refused =
          send(request(server, PREDICT, " ".repeat(2000) + BODY).build());
      assertThat(refused.statusCode()).isEqualTo(413);
      assertThat(refused.body()).contains("the request has more than 1000 bytes");
      assertThat(send(request(server, PREDICT, BODY).build()).statusCode()).isEqualTo(200);
    }
  }

  /** As curl does with large bodies, which it holds back for a second otherwise. */
  @Test
  void aClientThatAsksWhetherToSendItsBodyIsToldSo() throws Exception {
    try (ModelServer server = builder().start();
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.restPort())) {
      socket.setSoTimeout(60_000);
      write(
          socket,
          "POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
              .formatted(PREDICT, BODY.length()));
      String interim = "HTTP/1.1 100 Continue\r\n\r\n";
      assertThat(
              new String(
                  socket.getInputStream().readNBytes(interim.length()), StandardCharsets.US_ASCII))
          .isEqualTo(interim);
      write(socket, BODY);
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 200 OK");
    }
  }

  /** One byte now and then, of the headers or of the body: the connection is closed in time, and others are answered. */
  @Test
  void slowClientsAreSentAway() throws Exception {
    try (ModelServer server = builder().receive(Duration.ofSeconds(1)).start()) {
      List<Socket> slow = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.restPort());
        String head = "POST %s HTTP/1.1\r\nHost: x\r\n".formatted(PREDICT);
        write(socket, i % 2 == 0 ? head : head + "Content-Length: 100\r\n\r\n{");
        slow.add(socket);
      }
      long start = System.nanoTime();
      assertThat(send(request(server, PREDICT, BODY).build()).statusCode()).isEqualTo(200);
      for (Socket socket : slow) {
        awaitEnd(socket);
      }
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
      assertThat(send(request(server, PREDICT, BODY).build()).statusCode()).isEqualTo(200);
    }
  }

  private static void write(Socket socket, String text) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  /** Goes on to write, a byte at a time, until the server has had enough. */
  private static void awaitEnd(Socket socket) throws IOException, InterruptedException {
    try (socket) {
      InputStream in = socket.getInputStream();
      socket.setSoTimeout(200);
      while (true) {
        try {
          write(socket, "x");
          if (in.read() < 0) {
            return;
          }
        } catch (java.net.SocketTimeoutException e) {
          // It is still there.
        } catch (IOException closed) {
          return;
        }
      }
    }
  }

  @Test
  void aFullQueueRefusesAtOnce() throws Exception {
    try (RequestQueue queue = new RequestQueue(new RequestQueue.Limits(1, 2, Integer.MAX_VALUE))) {
      java.util.concurrent.CountDownLatch free = new java.util.concurrent.CountDownLatch(1);
      List<Object> outcomes = java.util.Collections.synchronizedList(new ArrayList<>());
      for (int i = 0; i < 4; i++) {
        queue.submit(
            Duration.ofSeconds(30),
            RequestQueue.Work.of(
                () -> {
                  try {
                    free.await();
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                  return "done";
                }),
            reply(outcomes));
        while (i == 0 && queue.running() == 0) {
          Thread.sleep(1);
        }
      }
      assertThat(outcomes)
          .singleElement()
          .satisfies(
              refused -> {
                assertThat(refused)
                    .hasToString(
                        "UNAVAILABLE: The server is busy: 2 requests wait already, try again later");
                assertThat(((RequestFailure) refused).httpStatus()).isEqualTo(429);
              });
      free.countDown();
      queue.drain(Duration.ofSeconds(10));
      assertThat(outcomes).filteredOn("done"::equals).hasSize(3);
    }
  }

  @Test
  void aRequestBeyondItsDeadlineIsNotRun() throws Exception {
    try (RequestQueue queue = new RequestQueue(new RequestQueue.Limits(1, 2, Integer.MAX_VALUE))) {
      List<Object> outcomes = java.util.Collections.synchronizedList(new ArrayList<>());
      queue.submit(Duration.ofNanos(-1), RequestQueue.Work.of(() -> "never"), reply(outcomes));
      queue.drain(Duration.ofSeconds(10));
      assertThat(outcomes)
          .singleElement()
          .hasToString("DEADLINE_EXCEEDED: Deadline exceeded before the request was run");
    }
  }

  private static RequestQueue.Reply<String> reply(List<Object> outcomes) {
    return new RequestQueue.Reply<>() {
      @Override
      public void answer(String answer) {
        outcomes.add(answer);
      }

      @Override
      public void fail(RequestFailure failure) {
        outcomes.add(failure);
      }
    };
  }

  @Test
  void aModelThatReadsFilesIsRefusedUntilItIsTrusted() throws Exception {
    ModelDirectory hostile = new ModelDirectory(directory.resolve("hostile"));
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Placeholder<TString> path =
          tf.placeholder(TString.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE)));
      Variable<TFloat32> weight = tf.variable(Shape.of(1), TFloat32.class);
      session.run(tf.assign(weight, tf.constant(new float[1])));
      Operand<TString> content =
          tf.reshape(
              tf.withName("leak").io.readFile(tf.constant("/etc/hostname")),
              tf.constant(new int[] {1}));
      SavedModelPublisher.builder(session)
          .signature(
              ServingSignature.predict(Signature.DEFAULT_KEY)
                  .input("text", path)
                  .output("content", content)
                  .build())
          .build()
          .publish(hostile);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ModelServer.builder().model("h", hostile).ports(0, 0).start())
        .withMessage(
            "model version is not loaded, as its op ReadFile (node leak) can touch files, processes or the network,"
                + " unless the model is trusted: %s",
            hostile.base().resolve("1"));
    try (ModelServer server =
        ModelServer.builder().model("h", hostile).ports(0, 0).trustModels().start()) {
      assertThat(server.versions()).containsKey("h");
    }
  }
}
