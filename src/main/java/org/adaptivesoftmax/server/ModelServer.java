package org.adaptivesoftmax.server;

import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.adaptivesoftmax.internal.io.OptionalLibrary;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.local.LocalModel;
import org.adaptivesoftmax.local.LocalModelBuilder;
import org.adaptivesoftmax.local.LocalVersion;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.adaptivesoftmax.text.TokenStatistics;
import org.jspecify.annotations.Nullable;

/**
 * A model server in this process: the REST and gRPC APIs of TensorFlow Serving, which answer as it does, Prometheus' metrics
 * and a page for a browser.
 *
 * <pre>{@code
 * try (ModelServer server =
 *     ModelServer.builder()
 *         .model("wordnet-lm", new ModelDirectory(Path.of("savedmodels/wordnet-lm")))
 *         .start()) {
 *   System.out.println("gRPC at port " + server.grpcPort());
 *   …
 * }
 * }</pre>
 *
 * <p>It listens at 127.0.0.1 until it is told another address. Requests wait in one queue of bounded length, those that come
 * while a batch runs are joined to the next, and new versions are turned to without failing a request. Needs optional
 * libraries: Undertow, gRPC with its Netty transport and health service, Jackson, and Micrometer with its Prometheus registry.
 */
public final class ModelServer implements AutoCloseable {
  private static final long GRPC_HANDSHAKE_SECONDS = 10;

  /** The page shows the figures as they come. */
  private static final Duration DRIFT_INTERVAL = Duration.ofSeconds(10);

  private final PrometheusMeterRegistry registry;
  private final HealthStatusManager health = new HealthStatusManager();
  private final Duration drain;
  private final ServedModels models;
  private final RequestQueue queue;
  private final HttpServer http;
  private final GrpcService calls;
  private final Server grpc;
  private boolean closed;

  private ModelServer(
      ModelServerBuilder options, ServedModels models, PrometheusMeterRegistry registry)
      throws IOException {
    this.registry = registry;
    this.models = models;
    drain = options.drain;
    queue = new RequestQueue(options.limits());
    ServingCalls serving = new ServingCalls(models, options.whenBusy);
    ServerMetrics metrics = new ServerMetrics(registry, models, queue);
    PageData page = new PageData(models, registry);
    http =
        new HttpServer(
            new HttpServer.Services(
                new RestService(models, serving),
                new PageAnswers(models),
                queue,
                metrics,
                registry::scrape,
                page::models,
                page::watch),
            new HttpServer.Address(options.host, options.restPort, options.tls, options.token),
            options.limits,
            options.deadline);
    calls = new GrpcService(models, serving, queue, metrics, options.deadline);
    grpc = grpc(options, calls);
  }

  /** {@return a builder with defaults} */
  public static ModelServerBuilder builder() {
    return new ModelServerBuilder();
  }

  static ModelServer start(ModelServerBuilder options) throws IOException {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    Map<String, TokenStatistics> live = new TreeMap<>();
    ServedModels models =
        ServedModels.load(
            options.sources,
            (source, version) -> load(options, registry, live, source, version),
            options.poll);
    try {
      ModelServer server = new ModelServer(options, models, registry);
      server.requireHead(options.whenBusy);
      server.listen(options);
      return server;
    } catch (Throwable failure) {
      models.close();
      throw failure;
    }
  }

  private void listen(ModelServerBuilder options) throws IOException {
    try {
      bind(options.host, options.restPort, http::start);
      bind(options.host, options.grpcPort, grpc::start);
    } catch (Throwable failure) {
      release();
      throw failure;
    }
  }

  private interface Start {
    void run() throws IOException;
  }

  private static void bind(String host, int port, Start start) throws IOException {
    try {
      start.run();
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "cannot listen at %s, port %s: %s".formatted(host, port, reason(e)), e);
    }
  }

  private static String reason(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause == null ? String.valueOf(failure.getMessage()) : reason(cause);
  }

  private static LocalVersion load(
      ModelServerBuilder options,
      MeterRegistry registry,
      Map<String, TokenStatistics> live,
      ModelSource source,
      long version)
      throws IOException {
    LocalModelBuilder builder =
        LocalModel.builder(new ModelDirectory(source.base()))
            .name(source.name())
            .trustModel(options.trusted)
            .microBatching(options.batching.maxRows())
            .metrics(registry)
            .driftInterval(DRIFT_INTERVAL);
    if (options.cache > 0) {
      builder.cache(options.cache);
    }
    TokenStatistics statistics = statistics(live, source.name());
    if (statistics != null) {
      builder.statistics(statistics);
    }
    return builder.loadVersion(version);
  }

  /** Of a model, whatever its version; none without the library that counts. */
  private static @Nullable TokenStatistics statistics(
      Map<String, TokenStatistics> live, String model) {
    try {
      OptionalLibrary.DATASKETCHES.require("drift of live tokens");
    } catch (IllegalStateException e) {
      return null;
    }
    return live.computeIfAbsent(model, name -> TokenStatistics.builder().build());
  }

  private Server grpc(ModelServerBuilder options, GrpcService service) throws IOException {
    ServerCredentials credentials =
        options.tls == null
            ? InsecureServerCredentials.create()
            : TlsServerCredentials.create(
                options.tls.certificate().toFile(), options.tls.key().toFile());
    return NettyServerBuilder.forAddress(
            new InetSocketAddress(options.host, options.grpcPort), credentials)
        .directExecutor() // What takes time is in the queue's threads.
        .maxInboundMessageSize(Math.toIntExact(options.limits.bodyBytes()))
        .maxInboundMetadataSize(options.limits.headerBytes())
        .handshakeTimeout(GRPC_HANDSHAKE_SECONDS, TimeUnit.SECONDS)
        .intercept(GrpcService.guard(options.token))
        .addService(service.predictions())
        .addService(service.modelService())
        .addService(health.getHealthService())
        .build();
  }

  /** {@return the port of REST, the metrics and the page} */
  public int restPort() {
    return http.port();
  }

  /** {@return the port of gRPC} */
  public int grpcPort() {
    return grpc.getPort();
  }

  /** {@return the numbers of the versions that are served, by model} */
  public Map<String, Set<Long>> versions() {
    Map<String, Set<Long>> versions = new TreeMap<>();
    models.all().forEach(model -> versions.put(model.name(), model.paths().keySet()));
    return versions;
  }

  /**
   * {@return the models that are answered by their heads while the server is busy, as {@link ModelServerBuilder#whenBusy} says}
   */
  public Set<String> answeredByHead() {
    Set<String> names = new TreeSet<>();
    models.all().stream()
        .filter(ServedModel::answersByHead)
        .forEach(model -> names.add(model.name()));
    return names;
  }

  private void requireHead(WhenBusy whenBusy) {
    Require.argument(
        whenBusy == WhenBusy.EXACT || !answeredByHead().isEmpty(),
        "no model can be answered %s when the server is busy: none has the signature %s, which an export of this version of"
            + " the library has if the model has tail clusters and its shortlist holds as many classes as an answer",
        whenBusy,
        SignatureKeys.HEAD_ONLY);
  }

  /** Takes no new request, ends those that it has, at most for the time of {@link ModelServerBuilder#drain}, and closes. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    long end = System.nanoTime() + drain.toNanos();
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.NOT_SERVING);
    grpc.shutdown();
    try {
      http.drain(left(end));
      grpc.awaitTermination(left(end).toNanos(), TimeUnit.NANOSECONDS);
      queue.drain(left(end));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      release();
    }
  }

  private static Duration left(long end) {
    return Duration.ofNanos(Math.max(1, end - System.nanoTime()));
  }

  private void release() {
    grpc.shutdownNow();
    calls.close();
    http.close();
    queue.close();
    models.close();
    registry.close();
  }
}
