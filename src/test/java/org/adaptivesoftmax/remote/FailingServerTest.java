package org.adaptivesoftmax.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.adaptivesoftmax.client.ModelServerClient;
import org.adaptivesoftmax.client.ModelServerException;
import org.adaptivesoftmax.client.OutputLayerClient;
import org.adaptivesoftmax.remote.ScriptedServer.Behaviour;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.proto.error.Code;

/** Servers that are down, busy, broken, slow or hang. */
class FailingServerTest {
  /** How much later than its deadline a failure may be told on a busy machine. */
  private static final long TOLERANCE_MS = 60_000;

  private static RemoteModelBuilder client() {
    return RemoteModel.builder("m").deadline(Duration.ofSeconds(60)).backoff(Duration.ofMillis(20));
  }

  private static long[] predict(ModelServerClient client) {
    return client.outputLayer().predict(new float[] {1});
  }

  private static ModelServerClient connect(
      Transport transport, RemoteModelBuilder client, int port) {
    return transport == Transport.GRPC
        ? client.grpc("localhost:" + port)
        : client.rest(URI.create("http://localhost:" + port));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @ParameterizedTest
  @EnumSource
  void isAskedAgainWhileUnavailable(Transport transport) throws IOException {
    try (ScriptedServer server =
            new ScriptedServer(i -> i < 3 ? Behaviour.UNAVAILABLE : Behaviour.ANSWER);
        ModelServerClient client = server.connect(transport, client())) {
      assertThat(predict(client)).containsExactly(7);
      assertThat(server.requests()).isEqualTo(4);
    }
  }

  @ParameterizedTest
  @EnumSource
  void isAskedNoMoreThanTheRetries(Transport transport) throws IOException {
    try (ScriptedServer server = new ScriptedServer(i -> Behaviour.UNAVAILABLE);
        ModelServerClient client = server.connect(transport, client().retries(2))) {
      assertThatThrownBy(() -> predict(client))
          .isInstanceOf(ModelServerException.class)
          .hasMessage(
              "model m, latest version, signature predict: UNAVAILABLE: too busy (attempts: 3)");
      assertThat(server.requests()).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @EnumSource
  void isAskedAgainUntilTheDeadlineWhileBusy(Transport transport) throws IOException {
    try (ScriptedServer server =
            new ScriptedServer(i -> i < 6 ? Behaviour.BUSY : Behaviour.ANSWER);
        ModelServerClient client =
            server.connect(transport, client().retries(1).backoff(Duration.ofMillis(10)))) {
      assertThat(predict(client)).containsExactly(7);
      assertThat(server.requests()).isEqualTo(7);
    }
    try (ScriptedServer server = new ScriptedServer(i -> Behaviour.BUSY);
        ModelServerClient client =
            server.connect(
                transport,
                client().backoff(Duration.ofMillis(50)).deadline(Duration.ofSeconds(2)))) {
      // The time may be over between two calls, or in one.
      assertThatThrownBy(() -> predict(client))
          .isInstanceOf(ModelServerException.class)
          .hasMessageMatching(".*: (RESOURCE_EXHAUSTED|DEADLINE_EXCEEDED): .*");
      assertThat(server.requests()).isGreaterThan(1);
    }
    try (ScriptedServer server = new ScriptedServer(i -> Behaviour.BUSY);
        ModelServerClient client = server.connect(transport, client().retries(0))) {
      assertThatThrownBy(() -> predict(client)).hasMessageContaining("(attempts: 1)");
      assertThat(server.requests()).isEqualTo(1);
    }
  }

  @Test
  void isNotAskedAgainWhenTheRequestIsTooLarge() throws IOException {
    try (ScriptedServer server = new ScriptedServer(i -> Behaviour.TOO_LARGE);
        ModelServerClient client = server.connect(Transport.GRPC, client())) {
      assertThatThrownBy(() -> predict(client))
          .hasMessageEndingWith(
              "RESOURCE_EXHAUSTED: SERVER: Received message larger than max (9 vs. 4)");
      assertThat(server.requests()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void isNotAskedAgainAfterAnotherFailure(Transport transport) throws IOException {
    try (ScriptedServer server = new ScriptedServer(i -> Behaviour.INTERNAL);
        ModelServerClient client = server.connect(transport, client())) {
      assertThatThrownBy(() -> predict(client))
          .isInstanceOf(ModelServerException.class)
          .hasMessage("model m, latest version, signature predict: INTERNAL: broken");
      assertThat(server.requests()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void mayBeSlowWithinTheDeadline(Transport transport) throws IOException {
    try (ScriptedServer server = new ScriptedServer(i -> Behaviour.ANSWER_LATE);
        ModelServerClient client = server.connect(transport, client())) {
      assertThat(predict(client)).containsExactly(7);
      assertThat(server.requests()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"GRPC, NEVER", "REST, NEVER", "REST, STOP_IN_THE_BODY"})
  @Timeout(300)
  void hangs(Transport transport, Behaviour behaviour) throws Exception {
    AtomicBoolean hanging = new AtomicBoolean();
    try (ScriptedServer server =
            new ScriptedServer(i -> hanging.get() ? behaviour : Behaviour.ANSWER);
        ModelServerClient client =
            server.connect(transport, client().deadline(Duration.ofSeconds(2)))) {
      awaitAnswer(client);
      hanging.set(true);
      int answered = server.requests();
      int calls = 0;
      do {
        assertFailsInTime(() -> predict(client), Code.DEADLINE_EXCEEDED, 2000);
        calls++;
        // On a busy machine a request may come to nothing before it reaches the server.
      } while (server.requests() == answered);
      assertThat(server.requests()).as("none is repeated").isLessThanOrEqualTo(answered + calls);
      if (transport == Transport.GRPC) {
        assertThat(server.grpcCancelled().await(60, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  /** On a busy machine the first request, which connects, may take longer than a short deadline. */
  private static void awaitAnswer(ModelServerClient client) {
    while (true) {
      try {
        assertThat(predict(client)).containsExactly(7);
        return;
      } catch (ModelServerException e) {
        assertThat(e.code()).isEqualTo(Code.DEADLINE_EXCEEDED);
      }
    }
  }

  /** The system accepts connections for a program that does not. */
  @ParameterizedTest
  @EnumSource
  void neverSpeaks(Transport transport) throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        ModelServerClient client =
            connect(transport, client().deadline(Duration.ofMillis(500)), silent.getLocalPort())) {
      assertFailsInTime(() -> predict(client), Code.DEADLINE_EXCEEDED, 500);
    }
  }

  @ParameterizedTest
  @EnumSource
  void isDown(Transport transport) throws IOException {
    try (ModelServerClient client = connect(transport, client().retries(2), freePort())) {
      ModelServerException failure =
          catchThrowableOfType(ModelServerException.class, () -> predict(client));
      assertThat(failure.code()).isEqualTo(Code.UNAVAILABLE);
      assertThat(failure)
          .hasMessageStartingWith("model m, latest version, signature predict: UNAVAILABLE: ")
          .hasMessageEndingWith("(attempts: 3)");
    }
  }

  @ParameterizedTest
  @EnumSource
  void isDownForLongerThanTheDeadline(Transport transport) throws IOException {
    try (ModelServerClient client =
        connect(
            transport, client().retries(1_000_000).deadline(Duration.ofMillis(600)), freePort())) {
      long start = System.nanoTime();
      assertThatThrownBy(() -> predict(client)).isInstanceOf(ModelServerException.class);
      assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start))
          .isLessThan(600 + TOLERANCE_MS);
    }
  }

  @ParameterizedTest
  @EnumSource
  void requestsShareAConnection(Transport transport) throws IOException {
    try (ScriptedServer server = new ScriptedServer(i -> Behaviour.ANSWER);
        ModelServerClient client = server.connect(transport, client())) {
      for (int i = 0; i < 10; i++) {
        assertThat(predict(client)).containsExactly(7);
      }
      assertThat(server.requests()).isEqualTo(10);
      assertThat(server.connections()).isLessThan(5);
    }
  }

  @ParameterizedTest
  @EnumSource
  void longListsAreDivided(Transport transport) throws IOException {
    try (ScriptedServer server = new ScriptedServer(i -> Behaviour.ANSWER);
        ModelServerClient client = server.connect(transport, client().maxBatch(1))) {
      assertThat(client.outputLayer().predict(new float[3][1])).containsExactly(7, 7, 7);
      assertThat(server.requests()).isEqualTo(3);
    }
  }

  @Test
  void aClosedClientHoldsNoConnection() throws IOException, InterruptedException {
    try (ScriptedServer server = new ScriptedServer(i -> Behaviour.ANSWER)) {
      ModelServerClient client = server.connect(Transport.GRPC, client());
      predict(client);
      client.close();
      assertThat(server.grpcDisconnected().await(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aClosedClientAnswersNothing(Transport transport) throws Exception {
    try (ScriptedServer server = new ScriptedServer(i -> Behaviour.ANSWER)) {
      Thread[] before = threads();
      ModelServerClient client = server.connect(transport, client());
      predict(client);
      client.close();
      assertThatThrownBy(() -> predict(client))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("client is closed");
      for (int i = 0; i < 2400 && clientThreads(before) > 0; i++) {
        Thread.sleep(50);
      }
      assertThat(clientThreads(before)).isZero();
    }
  }

  private static Thread[] threads() {
    return Thread.getAllStackTraces().keySet().toArray(Thread[]::new);
  }

  private static long clientThreads(Thread[] before) {
    return Arrays.stream(threads())
        .filter(thread -> thread.getName().equals("model-server-client"))
        .filter(thread -> IntStream.range(0, before.length).noneMatch(i -> before[i] == thread))
        .count();
  }

  @ParameterizedTest
  @EnumSource
  void callsInFlightEndWhenTheClientIsClosed(Transport transport) throws Exception {
    try (ScriptedServer server = new ScriptedServer(i -> Behaviour.NEVER)) {
      ModelServerClient client = server.connect(transport, client());
      ExecutorService pool = Executors.newFixedThreadPool(4);
      List<Future<long[]>> calls = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        calls.add(pool.submit(() -> predict(client)));
      }
      while (server.requests() < 4) {
        Thread.sleep(10);
      }
      client.close();
      for (Future<long[]> call : calls) {
        assertThatThrownBy(() -> call.get(60, TimeUnit.SECONDS))
            .cause()
            .isInstanceOf(ModelServerException.class)
            .hasMessage("model m, latest version, signature predict: CANCELLED: client was closed");
      }
      assertThat(server.requests()).as("none is repeated").isEqualTo(4);
      pool.shutdown();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCallThatRacesWithCloseIsAnsweredOrToldOfIt(Transport transport) throws Exception {
    Random random = new Random(1);
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try (ScriptedServer server = new ScriptedServer(i -> Behaviour.ANSWER)) {
      for (int race = 0; race < 60; race++) {
        ModelServerClient client = server.connect(transport, client());
        List<Future<?>> calls = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
          calls.add(pool.submit(() -> askUntilClosed(client)));
        }
        Thread.sleep(random.nextInt(4), random.nextInt(1_000_000));
        client.close();
        for (Future<?> call : calls) {
          call.get(60, TimeUnit.SECONDS);
        }
      }
    }
    pool.shutdown();
  }

  private static void askUntilClosed(ModelServerClient client) {
    while (true) {
      try {
        assertThat(predict(client)).containsExactly(7);
      } catch (ModelServerException e) {
        assertThat(e).hasMessageEndingWith("CANCELLED: client was closed");
        return;
      } catch (IllegalStateException e) {
        assertThat(e).hasMessage("client is closed");
        return;
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void diesWhileItAnswers(Transport transport) throws Exception {
    ScriptedServer server = new ScriptedServer(i -> Behaviour.NEVER);
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try (ModelServerClient client = server.connect(transport, client().retries(1))) {
      Future<long[]> call = pool.submit(() -> predict(client));
      while (server.requests() == 0) {
        Thread.sleep(10);
      }
      server.close();
      assertThatThrownBy(() -> call.get(60, TimeUnit.SECONDS))
          .cause()
          .isInstanceOf(ModelServerException.class)
          // A gRPC server that is shut down cancels its calls before it goes.
          .hasMessageMatching(
              "model m, latest version, signature predict: "
                  + (transport == Transport.GRPC
                      ? "CANCELLED: RST_STREAM .*"
                      : "UNAVAILABLE: .*\\(attempts: 2\\)"));
    } finally {
      pool.shutdownNow();
    }
  }

  @ParameterizedTest
  @EnumSource
  void isFoundAgainAfterARestart(Transport transport) throws Exception {
    int port = freePort();
    try (ModelServerClient client = connect(transport, client(), port)) {
      try (ScriptedServer server = new ScriptedServer(i -> Behaviour.ANSWER, transport, port)) {
        assertThat(predict(client)).containsExactly(7);
        assertThat(server.requests()).isEqualTo(1);
      }
      assertThatThrownBy(() -> predict(client)).hasMessageContaining("UNAVAILABLE");
      try (ScriptedServer server = new ScriptedServer(i -> Behaviour.ANSWER, transport, port)) {
        assertThat(predict(client)).containsExactly(7);
        assertThat(server.requests()).isEqualTo(1);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anInterruptEndsACall(Transport transport) throws IOException {
    try (ModelServerClient client =
        connect(transport, client().backoff(Duration.ofSeconds(5)), freePort())) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> predict(client)).hasMessageContaining("CANCELLED");
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void refusesBadSettings() {
    assertThatThrownBy(() -> client().deadline(Duration.ZERO))
        .hasMessage("deadline must be above zero: PT0S");
    assertThatThrownBy(() -> client().deadline(Duration.ofDays(366)))
        .hasMessage("deadline must be at most a year: PT8784H");
    assertThatThrownBy(() -> client().backoff(Duration.ZERO))
        .hasMessage("backoff must be above zero: PT0S");
    assertThatThrownBy(() -> client().maxAnswerBytes(0))
        .hasMessage("maxAnswerBytes must be at least 1: 0");
    assertThatThrownBy(() -> client().retries(-1)).hasMessage("retries must not be negative: -1");
    assertThatThrownBy(() -> client().maxBatch(0)).hasMessage("maxBatch must be at least 1: 0");
    assertThatThrownBy(() -> client().version(-1).grpc("localhost:1"))
        .hasMessage("version must not be negative: -1");
    assertThatThrownBy(() -> client().version(1).versionLabel("stable").grpc("localhost:1"))
        .hasMessage("a version has a number or a label: both 1 and stable");
    assertThatThrownBy(() -> client().rest(URI.create("localhost:8501")))
        .hasMessage("server must be a URI such as http://localhost:8501: localhost:8501");
    assertThatThrownBy(() -> client().tls().rest(URI.create("http://localhost:8501")))
        .hasMessage("TLS needs https: http://localhost:8501");
  }

  @ParameterizedTest
  @EnumSource
  void refusesATextThatIsNull(Transport transport) throws IOException {
    List<String> texts = Arrays.asList("a", null);
    try (ModelServerClient client = connect(transport, client(), freePort())) {
      String message = "texts[1] must not be null";
      assertThatThrownBy(() -> client.languageModel().complete(texts)).hasMessage(message);
      assertThatThrownBy(() -> client.languageModel().score(texts)).hasMessage(message);
      assertThatThrownBy(() -> client.classifier().classify(texts)).hasMessage(message);
      assertThatThrownBy(() -> client.classifier().topK(texts)).hasMessage(message);
    }
  }

  @Test
  void refusesRowsThatDoNotMatch() {
    try (ModelServerClient client = client().grpc("localhost:1")) {
      OutputLayerClient layer = client.outputLayer();
      assertThatThrownBy(() -> layer.topK(new float[2], new float[3]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("inputs must have rows of one length: 3 after 2");
      assertThatThrownBy(() -> layer.score(new float[2][3], new long[1]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("inputs and targets must have the same number of rows: 2 and 1");
    }
  }

  private static void assertFailsInTime(ThrowingCallable call, Code code, long deadlineMs) {
    long start = System.nanoTime();
    ModelServerException failure = catchThrowableOfType(ModelServerException.class, call);
    assertThat(failure.code()).isEqualTo(code);
    assertThat(failure)
        .hasMessageStartingWith(
            "model m, latest version, signature predict: %s: no answer within %d ms"
                .formatted(code, deadlineMs));
    assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start))
        .isBetween(deadlineMs - 1, deadlineMs + TOLERANCE_MS);
  }
}
