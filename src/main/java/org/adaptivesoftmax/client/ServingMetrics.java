package org.adaptivesoftmax.client;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.adaptivesoftmax.serving.PublishedClusters;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.proto.error.Code;

/**
 * What a model in this process does, cluster by cluster, as Micrometer counts and times it. All have the tag {@code
 * model}.
 *
 * <ul>
 *   <li>{@code adaptive.softmax.requests}: a timer of answered requests, with tags {@code signature} and {@code answer}:
 *       {@code head} if all classes of the answer are in the head, {@code tail} if one is in a tail cluster, {@code none} if
 *       the signature answers no classes or the model does not tell its clusters
 *   <li>{@code adaptive.softmax.rows}: rows by the tag {@code cluster} of their best class: {@code head}, {@code tail 1}
 *       and so on
 *   <li>{@code adaptive.softmax.failures}: requests that were refused, by the tag {@code code}
 *   <li>{@code adaptive.softmax.cache}: texts by the tag {@code result}: {@code hit} or {@code miss}
 * </ul>
 */
public final class ServingMetrics {
  private static final String PREFIX = "adaptive.softmax.";
  private static final List<String> CLASS_OUTPUTS = List.of("words", "classes");

  private final MeterRegistry registry;
  private final String model;

  ServingMetrics(MeterRegistry registry, String model, LongAdder hits, LongAdder misses) {
    this.registry = registry;
    this.model = model;
    Map.of("hit", hits, "miss", misses)
        .forEach(
            (result, count) ->
                FunctionCounter.builder(PREFIX + "cache", count, LongAdder::sum)
                    .description("texts whose answer was remembered, or was not")
                    .tags("model", model, "result", result)
                    .register(registry));
  }

  void answered(
      String signature, Prediction prediction, @Nullable PublishedClusters clusters, long nanos) {
    NdArray<?> classes =
        CLASS_OUTPUTS.stream()
            .map(prediction.outputs()::get)
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(null);
    String answer = "none";
    if (clusters != null && classes != null && signature.equals("serving_default")) {
      answer = countRows(classes, clusters) ? "tail" : "head";
    }
    registry
        .timer(PREFIX + "requests", "model", model, "signature", signature, "answer", answer)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  /**
   * @param classes [batch, k], best first
   * @return whether one is in a tail cluster
   */
  private boolean countRows(NdArray<?> classes, PublishedClusters clusters) {
    for (NdArray<?> row : classes.elements(0)) {
      clusters
          .cluster(row.getObject(0))
          .ifPresent(
              cluster ->
                  registry
                      .counter(PREFIX + "rows", "model", model, "cluster", name(cluster))
                      .increment());
    }
    return classes.streamOfObjects().map(clusters::cluster).anyMatch(c -> c.orElse(0) > 0);
  }

  private static String name(int cluster) {
    return cluster == 0 ? "head" : "tail " + cluster;
  }

  void failed(Code code) {
    registry.counter(PREFIX + "failures", "model", model, "code", code.name()).increment();
  }
}
