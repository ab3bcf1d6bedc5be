package org.adaptivesoftmax.server;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.tensorflow.proto.error.Code;

/**
 * What a server does, as Micrometer counts and times it.
 *
 * <ul>
 *   <li>{@code adaptive.softmax.server.requests}: a timer of requests from their last byte to the first of the answer, with
 *       tags {@code api}, {@code method}, {@code model} and {@code code}
 *   <li>{@code adaptive.softmax.server.waiting}, {@code adaptive.softmax.server.running}: gauges of requests in the queue and
 *       out of it
 * </ul>
 */
final class ServerMetrics {
  static final String REQUESTS = "adaptive.softmax.server.requests";

  /** The name of a model that is not there: names that clients make up have no end. */
  private static final String NO_MODEL = "";

  private final MeterRegistry registry;
  private final ServedModels models;

  /** By their tags: a registry takes longer to find them. */
  private final Map<Done, Timer> timers = new ConcurrentHashMap<>();

  /** The tags of requests that ended. */
  private record Done(String api, String method, String model, Code code) {}

  ServerMetrics(MeterRegistry registry, ServedModels models, RequestQueue queue) {
    this.registry = registry;
    this.models = models;
    Gauge.builder("adaptive.softmax.server.waiting", queue, RequestQueue::waiting)
        .description("requests that wait for a thread")
        .register(registry);
    Gauge.builder("adaptive.softmax.server.running", queue, RequestQueue::running)
        .description("requests that are being run")
        .register(registry);
  }

  /** What is known of a request as it comes. */
  record Request(String api, String method, String model, long start) {
    static Request of(String api, String method, String model) {
      return new Request(api, method, model, System.nanoTime());
    }
  }

  void done(Request request, Code code) {
    String model = models.find(request.model) == null ? NO_MODEL : request.model;
    timers
        .computeIfAbsent(new Done(request.api, request.method, model, code), this::timer)
        .record(System.nanoTime() - request.start, TimeUnit.NANOSECONDS);
  }

  private Timer timer(Done done) {
    return Timer.builder(REQUESTS)
        .description("requests, from their last byte to the first of the answer")
        .tags("api", done.api, "method", done.method, "code", done.code.name())
        .tags("model", done.model)
        .publishPercentiles(0.5, 0.95, 0.99)
        .register(registry);
  }
}
