package org.adaptivesoftmax.remote;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.adaptivesoftmax.remote.WireServer.http;
import static org.adaptivesoftmax.remote.WireServer.saying;
import static org.adaptivesoftmax.remote.WireServer.sayingAtLast;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import org.adaptivesoftmax.client.ModelServerClient;
import org.adaptivesoftmax.client.ModelServerException;
import org.adaptivesoftmax.remote.WireServer.Conversation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.proto.error.Code;

/** Servers whose bytes are not what they should be: each is one error, in time, that says which request it was. */
class BrokenServerTest {
  /** Where the server never ends its answer. */
  private static final Duration SHORT = Duration.ofSeconds(2);

  private static final Duration LONG = Duration.ofMinutes(1);

  /** How much later than its deadline a failure may be told on a busy machine. */
  private static final Duration TOLERANCE = Duration.ofMinutes(1);

  private static RemoteModelBuilder client(Duration deadline) {
    return RemoteModel.builder("m")
        .deadline(deadline)
        .retries(2)
        .backoff(Duration.ofMillis(20))
        .maxAnswerBytes(1 << 20);
  }

  /** The message after model, version, signature and code. */
  private static String failure(
      Transport transport, Conversation conversation, Code code, int attempts) throws Exception {
    Duration deadline = code == Code.DEADLINE_EXCEEDED ? SHORT : LONG;
    try (WireServer server = new WireServer(conversation)) {
      String message;
      int calls = 0;
      try (ModelServerClient client = server.connect(transport, client(deadline))) {
        do {
          message = failure(client, deadline, code);
          calls++;
          // A busy machine may not even connect within a short deadline.
        } while (server.connections() == 0);
        if (transport == Transport.REST) {
          // gRPC connects anew by itself, whenever it likes: how often is not ours to promise.
          assertThat(server.connections()).as(message).isLessThanOrEqualTo(calls * attempts);
        }
      }
      String start = "model m, latest version, signature predict: %s: ".formatted(code);
      assertThat(message).startsWith(start);
      if (transport == Transport.GRPC) {
        assertThat(server.isLeftAlone()).as("no connection is left").isTrue();
      }
      return message.substring(start.length());
    }
  }

  private static String failure(ModelServerClient client, Duration deadline, Code code) {
    long start = System.nanoTime();
    ModelServerException failure =
        catchThrowableOfType(
            ModelServerException.class, () -> client.outputLayer().predict(new float[] {1}));
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .as("in time")
        .isLessThan(deadline.plus(TOLERANCE));
    assertThat(failure.code()).as(failure.getMessage()).isEqualTo(code);
    return failure.getMessage();
  }

  private static Conversation frames(byte[]... frames) {
    return WireServer.answering(saying(frames), Http2.settings());
  }

  private static Conversation framesAtLast(byte[]... frames) {
    return WireServer.answering(sayingAtLast(frames), Http2.settings());
  }

  /** A byte now and then keeps a connection alive, but not a call. */
  @ParameterizedTest
  @EnumSource
  void drips(Transport transport) throws Exception {
    byte[] headers = "HTTP/1.1 200 OK\r\nX: ".getBytes(UTF_8);
    byte[] drops = transport == Transport.GRPC ? Http2.settings() : "x".getBytes(UTF_8);
    Conversation drip =
        (connection, out) -> {
          out.write(transport == Transport.GRPC ? Http2.settings() : headers);
          for (int i = 0; ; i++) {
            out.write(drops[i % drops.length]);
            out.flush();
            Thread.sleep(20);
          }
        };
    assertThat(failure(transport, drip, Code.DEADLINE_EXCEEDED, 1))
        .startsWith("no answer within 2000 ms: ");
  }

  /** On JDK 17 an HTTP client hangs up some seconds after it is collected, so once stands for all. */
  @Test
  void leavesNoConnectionOverHttp() throws Exception {
    Conversation silence = (connection, out) -> WireServer.readToEnd(connection);
    try (WireServer server = new WireServer(silence)) {
      try (ModelServerClient client = server.connect(Transport.REST, client(SHORT))) {
        do {
          failure(client, SHORT, Code.DEADLINE_EXCEEDED);
        } while (server.connections() == 0);
      }
      assertThat(server.isLeftAlone()).isTrue();
    }
  }

  @Test
  void dripsInTheBody() throws Exception {
    Conversation drip =
        (connection, out) -> {
          out.write(http("200 OK\r\nContent-Length: 1000000", "{"));
          while (true) {
            out.write(' ');
            out.flush();
            Thread.sleep(20);
          }
        };
    assertThat(failure(Transport.REST, drip, Code.DEADLINE_EXCEEDED, 1))
        .startsWith("no answer within 2000 ms: http://localhost:");
  }

  /** It says no more, but goes on to listen. */
  @ParameterizedTest
  @EnumSource
  void halfCloses(Transport transport) throws Exception {
    Conversation halfClose =
        (connection, out) -> {
          connection.shutdownOutput();
          WireServer.readToEnd(connection);
        };
    assertThat(failure(transport, halfClose, Code.UNAVAILABLE, 3)).endsWith("(attempts: 3)");
  }

  @ParameterizedTest
  @EnumSource
  void diesInItsAnswer(Transport transport) throws Exception {
    Conversation die =
        transport == Transport.GRPC
            ? framesAtLast(Http2.answer("application/grpc"), Http2.message(100, (byte) 1))
            : sayingAtLast(http("200 OK\r\nContent-Length: 100", "{\"predictions\""));
    assertThat(failure(transport, die, Code.UNAVAILABLE, 3)).endsWith("(attempts: 3)");
  }

  /** A few bytes for each list, and many for each in memory. */
  @Test
  void answersMoreThanItSays() throws Exception {
    String lists = "{\"predictions\": [" + "[],".repeat(300_000) + "[]]}";
    String header = "200 OK\r\nContent-Length: " + lists.length();
    assertThat(
            failure(Transport.REST, sayingAtLast(http(header, lists)), Code.RESOURCE_EXHAUSTED, 1))
        .isEqualTo("answer is larger than 1048576 bytes (maxAnswerBytes)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc", "1000000000000000000000000000000"})
  void hasAnImpossibleLength(String length) throws Exception {
    Conversation answer = sayingAtLast(http("200 OK\r\nContent-Length: " + length, "{}"));
    assertThat(failure(Transport.REST, answer, Code.INTERNAL, 1)).contains("localhost");
  }

  @Test
  void answersANumberThatNoTypeHolds() throws Exception {
    String numbers = "{\"predictions\": [{\"classes\": 1000000000000000000000000000000}]}";
    String header = "200 OK\r\nContent-Length: " + numbers.length();
    assertThat(failure(Transport.REST, sayingAtLast(http(header, numbers)), Code.INTERNAL, 1))
        .isEqualTo("output classes: value must be an int64: 1000000000000000000000000000000");
  }

  @Test
  void speaksNoHttp() throws Exception {
    assertThat(
            failure(
                Transport.REST,
                saying("* OK IMAP4 ready\r\n\r\n".getBytes(UTF_8)),
                Code.INTERNAL,
                1))
        .startsWith("answer is no HTTP: ")
        .contains("IMAP4");
    assertThat(
            failure(
                Transport.GRPC,
                saying("* OK IMAP4 ready\r\n\r\n".getBytes(UTF_8)),
                Code.INTERNAL,
                1))
        .contains("First received frame was not SETTINGS");
  }

  /** A gRPC client at the REST port. */
  @Test
  void speaksAnotherHttp() throws Exception {
    assertThat(failure(Transport.GRPC, saying(http("400 Bad Request", "")), Code.INTERNAL, 1))
        .contains("First received frame was not SETTINGS");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          <html>It works!</html>           | HTTP status 200, and no JSON: <html>It works!</html>
          {"predictions": [1                | HTTP status 200, and no JSON: {"predictions": [1
          {"predictions": [1]} and more     | HTTP status 200, and no JSON: {"predictions": [1]} and more
          ``                                | answer must have 1 rows of predictions: 0
          null                              | answer must have 1 rows of predictions: 0
          {}                                | answer must have 1 rows of predictions: 0
          {"predictions": 7}                | answer must have 1 rows of predictions: 0
          {"predictions": [1, 2]}           | answer must have 1 rows of predictions: 2
          {"predictions": [{"classes": null}]}        | output classes: value is of no known type: null
          {"predictions": [{"classes": {"b64": "%"}}]} | output classes: value is not base64: {"b64":"%"}
          {"predictions": [{"classes": [7]}]} | output classes must have 1 dimensions, as classes: [1, 1] and [1, 1]
          """)
  void answersRestWithSomethingElse(String body, String message) throws Exception {
    // As a proxy may say it.
    String headers =
        "200 OK\r\nContent-Type: text/html\r\nContent-Length: " + body.getBytes(UTF_8).length;
    assertThat(failure(Transport.REST, saying(http(headers, body)), Code.INTERNAL, 1))
        .isEqualTo(message);
  }

  @Test
  void answersGrpcWithSomethingElse() throws Exception {
    byte[] grpc = Http2.answer("application/grpc");
    assertThat(
            failure(
                Transport.GRPC,
                frames(grpc, Http2.message(3, (byte) 255, (byte) 255, (byte) 255), Http2.ok()),
                Code.INTERNAL,
                1))
        .contains("protobuf");
    assertThat(
            failure(
                Transport.GRPC,
                frames(
                    Http2.answer("text/html"),
                    Http2.data(Http2.END_STREAM, "<html>It works!</html>")),
                Code.UNKNOWN,
                1))
        .contains("text/html", "It works!");
    assertThat(
            failure(
                Transport.GRPC,
                frames(grpc, Http2.message(0), Http2.ok()),
                Code.FAILED_PRECONDITION,
                1))
        .isEqualTo("answer has no output classes: []");
  }

  /** Without reading it all. */
  @ParameterizedTest
  @EnumSource
  void answersTooMuch(Transport transport) throws Exception {
    Conversation endless =
        transport == Transport.GRPC
            ? frames(Http2.answer("application/grpc"), Http2.message(Integer.MAX_VALUE, (byte) 1))
            : (connection, out) -> {
              out.write(http("200 OK\r\nContent-Length: 1000000000000", "["));
              while (true) {
                out.write(new byte[1 << 16]);
              }
            };
    assertThat(failure(transport, endless, Code.RESOURCE_EXHAUSTED, 1)).contains("1048576");
  }

  @Test
  void saysNothingThatIsMetadataOrStatus() throws Exception {
    try (WireServer server =
            new WireServer(sayingAtLast(http("200 OK\r\nContent-Length: 2", "{}")));
        ModelServerClient client = server.connect(Transport.REST, client(LONG))) {
      assertThat(catchThrowableOfType(ModelServerException.class, client::metadata))
          .hasMessage("model m, latest version: INTERNAL: answer is no metadata: nothing of it");
      assertThat(catchThrowableOfType(ModelServerException.class, client::status))
          .hasMessageStartingWith("model m, latest version: ");
    }
  }
}
