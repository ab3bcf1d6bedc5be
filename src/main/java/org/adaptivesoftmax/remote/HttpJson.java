package org.adaptivesoftmax.remote;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ProtocolException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.adaptivesoftmax.remote.Calls.Failure;
import org.adaptivesoftmax.remote.LimitedBody.Parts;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.error.Code;

/** JSON over HTTP, with connections that are kept for the next request. */
final class HttpJson implements AutoCloseable {
  // The server writes numbers that JSON does not have as they are.
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private static final int TOO_MANY_REQUESTS = 429;

  /** Characters of an answer that an error shows. */
  private static final int STARTS_WITH = 200;

  private final URI server;
  private final String path;
  private final int maxAnswerBytes;
  private final ExecutorService executor;
  private final Map<Object, Future<?>> inFlight = new ConcurrentHashMap<>();

  /** Null once it is closed: Java 17 ends connections when nothing refers to their client any more. */
  private volatile @Nullable HttpClient http;

  /**
   * @param path encoded, before that of a request
   */
  HttpJson(URI server, String path, @Nullable Trust trust, int maxAnswerBytes) {
    this.server = server;
    String prefix = server.getRawPath() == null ? "" : server.getRawPath();
    this.path = prefix.replaceFirst("/+$", "") + path;
    this.maxAnswerBytes = maxAnswerBytes;
    executor =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "model-server-client");
              thread.setDaemon(true);
              return thread;
            });
    HttpClient.Builder builder =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).executor(executor);
    if (trust != null) {
      builder.sslContext(trust.sslContext());
    }
    http = builder.build();
  }

  static String encoded(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }

  JsonNode get(String suffix, long nanosLeft) throws Failure, InterruptedException {
    return send(request(suffix).GET().build(), nanosLeft);
  }

  JsonNode post(String suffix, JsonNode body, long nanosLeft) throws Failure, InterruptedException {
    try {
      byte[] bytes = JSON.writeValueAsBytes(body);
      HttpRequest request =
          request(suffix)
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofByteArray(bytes))
              .build();
      return send(request, nanosLeft);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private HttpRequest.Builder request(String suffix) {
    return HttpRequest.newBuilder(server.resolve(path + suffix));
  }

  /** The client's own timeout ends with the headers; this one covers the body, too. */
  private JsonNode send(HttpRequest request, long nanosLeft) throws Failure, InterruptedException {
    HttpClient client = http;
    if (client == null) {
      throw new Failure(Code.CANCELLED, Calls.CLOSED);
    }
    long end = System.nanoTime() + nanosLeft;
    CompletableFuture<HttpResponse<Parts>> answer = sent(client, request);
    Object call = new Object();
    inFlight.put(call, answer);
    try {
      if (http == null) {
        throw new Failure(Code.CANCELLED, Calls.CLOSED);
      }
      return read(answer.get(nanosLeft, TimeUnit.NANOSECONDS), end);
    } catch (TimeoutException e) {
      throw new Failure(Code.DEADLINE_EXCEEDED, request.uri().toString(), e);
    } catch (CancellationException e) {
      throw new Failure(Code.CANCELLED, Calls.CLOSED, e);
    } catch (ExecutionException e) {
      throw failure(request, e.getCause() == null ? e : e.getCause());
    } finally {
      answer.cancel(true);
      inFlight.remove(call);
    }
  }

  private CompletableFuture<HttpResponse<Parts>> sent(HttpClient client, HttpRequest request)
      throws Failure {
    try {
      return client.sendAsync(request, LimitedBody.handler(maxAnswerBytes));
    } catch (RejectedExecutionException e) { // It was closed meanwhile.
      throw new Failure(Code.CANCELLED, Calls.CLOSED, e);
    }
  }

  private Failure failure(HttpRequest request, Throwable cause) {
    if (http == null) {
      return new Failure(Code.CANCELLED, Calls.CLOSED, cause);
    }
    for (Throwable some = cause; some != null; some = some.getCause()) {
      if (some instanceof LimitedBody.TooLargeException) {
        return new Failure(Code.RESOURCE_EXHAUSTED, String.valueOf(some.getMessage()), some);
      } else if (some instanceof ProtocolException) {
        return new Failure(Code.INTERNAL, "answer is no HTTP: " + some.getMessage(), some);
      }
    }
    if (cause instanceof IOException) {
      return new Failure(
          Code.UNAVAILABLE, "%s: %s".formatted(request.uri(), Calls.describe(cause)), cause);
    }
    // Java's client has no exception of its own for headers that it cannot read.
    return new Failure(
        Code.INTERNAL, "%s: %s".formatted(request.uri(), Calls.describe(cause)), cause);
  }

  private JsonNode read(HttpResponse<Parts> response, long end) throws Failure {
    JsonNode body;
    try (JsonParser parser =
        new LimitedParser(JSON.createParser(response.body().open()), maxAnswerBytes, end)) {
      body = tree(parser);
    } catch (LimitedBody.TooLargeException e) {
      throw new Failure(Code.RESOURCE_EXHAUSTED, String.valueOf(e.getMessage()), e);
    } catch (LimitedParser.TooLateException e) {
      throw new Failure(Code.DEADLINE_EXCEEDED, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new Failure(
          response.statusCode() == 200 ? Code.INTERNAL : code(response.statusCode()),
          "HTTP status %d, and no JSON: %s".formatted(response.statusCode(), start(response)),
          e);
    }
    if (response.statusCode() == 200) {
      return body;
    }
    String detail =
        body.path("error").isTextual()
            ? body.path("error").textValue()
            : "HTTP status %d: %s".formatted(response.statusCode(), start(response));
    throw response.statusCode() == TOO_MANY_REQUESTS
        ? Failure.busy(detail, null)
        : new Failure(code(response.statusCode()), detail);
  }

  private static JsonNode tree(JsonParser parser) throws IOException {
    JsonNode body = JSON.readTree(parser);
    if (parser.nextToken() != null) {
      throw new JsonParseException(parser, "text after the JSON value");
    }
    return body == null ? MissingNode.getInstance() : body;
  }

  private static String start(HttpResponse<Parts> response) {
    try (InputStream in = response.body().open()) {
      String text = new String(in.readNBytes(4 * STARTS_WITH), StandardCharsets.UTF_8);
      return text.substring(0, Math.min(STARTS_WITH, text.length()));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // It is in memory.
    }
  }

  /** The server's codes for its own status; 503 stands for RESOURCE_EXHAUSTED, too. */
  private static Code code(int status) {
    return switch (status) {
      case 400 -> Code.INVALID_ARGUMENT;
      case 401 -> Code.UNAUTHENTICATED;
      case 403 -> Code.PERMISSION_DENIED;
      case 404 -> Code.NOT_FOUND;
      case 409 -> Code.ABORTED;
      case 412 -> Code.FAILED_PRECONDITION;
      case 429 -> Code.RESOURCE_EXHAUSTED;
      case 499 -> Code.CANCELLED;
      case 500 -> Code.INTERNAL;
      case 501 -> Code.UNIMPLEMENTED;
      case 502, 503 -> Code.UNAVAILABLE;
      case 504 -> Code.DEADLINE_EXCEEDED;
      default -> Code.UNKNOWN;
    };
  }

  void requireOpen() {
    if (http == null) {
      throw new IllegalStateException("client is closed");
    }
  }

  @Override
  public void close() {
    http = null;
    inFlight.values().forEach(answer -> answer.cancel(true));
    executor.shutdown();
  }
}
