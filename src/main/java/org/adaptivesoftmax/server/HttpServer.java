package org.adaptivesoftmax.server;

import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.GracefulShutdownHandler;
import io.undertow.server.handlers.HttpContinueReadHandler;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.SameThreadExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.error.Code;
import org.xnio.IoUtils;
import org.xnio.Options;
import org.xnio.XnioExecutor;

/**
 * The REST API, the metrics and the page over HTTP. No thread waits for a client: a slow one costs its connection alone, which
 * is closed when its time is over.
 */
final class HttpServer implements AutoCloseable {
  private static final String JSON = "application/json";
  private static final String METRICS = "/monitoring/prometheus/metrics";
  private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";
  private static final HttpString CONTENT_SECURITY_POLICY =
      new HttpString("Content-Security-Policy");
  private static final HttpString CONTENT_TYPE_OPTIONS = new HttpString("X-Content-Type-Options");
  private static final HttpString REFERRER_POLICY = new HttpString("Referrer-Policy");
  private static final int NO_CONTENT = 204;
  private static final int TOO_LARGE = 413;

  private final RestService rest;
  private final PageAnswers page;
  private final RequestQueue queue;
  private final ServerMetrics metrics;
  private final BearerToken token;
  private final HttpLimits limits;
  private final Duration deadline;
  private final Map<String, Supplier<String>> reports;
  private final GracefulShutdownHandler graceful = new GracefulShutdownHandler(this::route);
  private final Undertow undertow;

  /** What answers requests. */
  record Services(
      RestService rest,
      PageAnswers page,
      RequestQueue queue,
      ServerMetrics metrics,
      Supplier<String> prometheus,
      Supplier<String> models,
      Supplier<String> watch) {}

  /** Where and for whom the server listens. */
  record Address(String host, int port, @Nullable Tls tls, BearerToken token) {}

  /**
   * @throws IOException if the certificate or key cannot be read
   */
  HttpServer(Services services, Address address, HttpLimits limits, Duration deadline)
      throws IOException {
    rest = services.rest;
    page = services.page;
    queue = services.queue;
    metrics = services.metrics;
    token = address.token;
    this.limits = limits;
    this.deadline = deadline;
    reports =
        Map.of(
            METRICS,
            services.prometheus,
            "/page/models.json",
            services.models,
            "/page/watch.json",
            services.watch);
    int millis = Math.toIntExact(limits.receive().toMillis());
    int idle = Math.toIntExact(limits.idle().toMillis());
    Undertow.Builder builder =
        Undertow.builder()
            .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, limits.bodyBytes())
            .setServerOption(UndertowOptions.MAX_HEADER_SIZE, limits.headerBytes())
            .setServerOption(UndertowOptions.MAX_HEADERS, 100)
            .setServerOption(UndertowOptions.MAX_PARAMETERS, 100)
            .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, millis)
            .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, idle)
            .setServerOption(UndertowOptions.ALWAYS_SET_DATE, false)
            .setSocketOption(Options.WRITE_TIMEOUT, idle)
            .setSocketOption(Options.CONNECTION_HIGH_WATER, limits.connections())
            .setSocketOption(Options.CONNECTION_LOW_WATER, limits.connections())
            .setSocketOption(Options.TCP_NODELAY, true)
            .setWorkerThreads(1) // Requests have a queue of their own.
            .setHandler(new HttpContinueReadHandler(graceful));
    undertow =
        (address.tls == null
                ? builder.addHttpListener(address.port, address.host)
                : builder.addHttpsListener(address.port, address.host, address.tls.context()))
            .build();
  }

  /**
   * Starts to listen.
   *
   * @throws IOException if the port cannot be had
   */
  void start() throws IOException {
    try {
      undertow.start();
    } catch (RuntimeException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw e;
    }
  }

  int port() {
    return ((InetSocketAddress) undertow.getListenerInfo().get(0).getAddress()).getPort();
  }

  private void route(HttpServerExchange exchange) {
    String path = exchange.getRequestPath();
    secure(exchange.getResponseHeaders());
    PageFiles.File file = PageFiles.find(path);
    if (file != null && exchange.getRequestMethod().equalToString("GET")) {
      exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, file.type());
      exchange.getResponseSender().send(ByteBuffer.wrap(file.bytes()));
    } else if (path.equals("/health")) {
      exchange.setStatusCode(NO_CONTENT).endExchange();
    } else if (!token.admits(exchange.getRequestHeaders().getFirst(Headers.AUTHORIZATION))) {
      exchange.getResponseHeaders().put(Headers.WWW_AUTHENTICATE, "Bearer");
      send(exchange, new RequestFailure(Code.UNAUTHENTICATED, "a bearer token is needed"));
    } else if (reports.containsKey(path)) {
      report(exchange, reports.get(path), path.equals(METRICS) ? METRICS_TYPE : JSON);
    } else {
      receive(exchange);
    }
  }

  /** For whatever a browser might make of an answer. */
  private static void secure(HeaderMap headers) {
    headers.put(
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none';"
            + " form-action 'none'; frame-ancestors 'none'");
    headers.put(CONTENT_TYPE_OPTIONS, "nosniff");
    headers.put(REFERRER_POLICY, "no-referrer");
    headers.put(Headers.CACHE_CONTROL, "no-store");
  }

  /** Out of the network's threads: drift, for one, goes through all words of a model. */
  private void report(HttpServerExchange exchange, Supplier<String> report, String type) {
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, type);
    exchange.dispatch(
        SameThreadExecutor.INSTANCE,
        () -> queue.submit(deadline, RequestQueue.Work.of(report), reply(exchange, null)));
  }

  /** Waits for the body, without a thread, and no longer than a body may take. */
  private void receive(HttpServerExchange exchange) {
    AtomicBoolean complete = new AtomicBoolean();
    XnioExecutor.Key timer =
        exchange
            .getIoThread()
            .executeAfter(
                () -> {
                  if (!complete.get()) {
                    IoUtils.safeClose(exchange.getConnection());
                  }
                },
                limits.receive().toMillis(),
                TimeUnit.MILLISECONDS);
    exchange
        .getRequestReceiver()
        .receiveFullBytes(
            (received, body) -> {
              complete.set(true);
              timer.remove();
              answer(received, body);
            },
            (broken, failure) -> {
              complete.set(true);
              timer.remove();
              boolean large = failure instanceof io.undertow.server.RequestTooBigException;
              broken.setStatusCode(large ? TOO_LARGE : 400).setPersistent(false);
              sendText(
                  broken,
                  RestText.error(
                      large
                          ? "the request has more than %s bytes".formatted(limits.bodyBytes())
                          : "the request cannot be read"));
            });
  }

  private void answer(HttpServerExchange exchange, byte[] body) {
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, JSON);
    String method = exchange.getRequestMethod().toString();
    String path = exchange.getRequestPath();
    boolean ofPage = path.startsWith(PageAnswers.PREFIX);
    try {
      RestService.Request request =
          ofPage ? PageAnswers.request(method, path) : RestService.request(method, path);
      ServerMetrics.Request counted =
          ServerMetrics.Request.of(
              ofPage ? "page" : "rest", request.method(), request.spec().getName());
      RequestQueue.Work<String> work =
          ofPage
              ? RequestQueue.Work.of(() -> page.answer(request, body, counted.start()))
              : rest.work(request, body);
      exchange.dispatch(
          SameThreadExecutor.INSTANCE,
          () -> queue.submit(deadline, work, reply(exchange, counted)));
    } catch (RequestFailure e) {
      send(exchange, e);
    }
  }

  /** Answers once: when the request is done, or when its time is over. */
  private RequestQueue.Reply<String> reply(
      HttpServerExchange exchange, ServerMetrics.@Nullable Request counted) {
    AtomicBoolean done = new AtomicBoolean();
    RequestQueue.Reply<String> reply =
        new RequestQueue.Reply<>() {
          @Override
          public void answer(String answer) {
            if (done.compareAndSet(false, true)) {
              count(counted, Code.OK);
              sendText(exchange, answer);
            }
          }

          @Override
          public void fail(RequestFailure failure) {
            if (done.compareAndSet(false, true)) {
              count(counted, failure.code());
              send(exchange, failure);
            }
          }
        };
    XnioExecutor.Key timer =
        exchange
            .getIoThread()
            .executeAfter(
                () -> reply.fail(new RequestFailure(Code.DEADLINE_EXCEEDED, "Deadline exceeded")),
                deadline.toMillis(),
                TimeUnit.MILLISECONDS);
    exchange.addExchangeCompleteListener(
        (completed, next) -> {
          timer.remove();
          next.proceed();
        });
    return reply;
  }

  private void count(ServerMetrics.@Nullable Request counted, Code code) {
    if (counted != null) {
      metrics.done(counted, code);
    }
  }

  private static void send(HttpServerExchange exchange, RequestFailure failure) {
    exchange.setStatusCode(failure.httpStatus());
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, JSON);
    sendText(exchange, RestText.error(String.valueOf(failure.getMessage())));
  }

  /** In the connection's own thread: Undertow lets it spin while another thread ends a request. */
  private static void sendText(HttpServerExchange exchange, String text) {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    if (exchange.isInIoThread()) {
      exchange.getResponseSender().send(bytes);
    } else {
      exchange.getIoThread().execute(() -> exchange.getResponseSender().send(bytes));
    }
  }

  /** Takes no new request, and waits for those that it has. */
  void drain(Duration time) throws InterruptedException {
    graceful.shutdown();
    graceful.awaitShutdown(time.toMillis());
  }

  @Override
  public void close() {
    undertow.stop();
  }
}
