package org.adaptivesoftmax.local;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.adaptivesoftmax.client.Prediction;
import org.adaptivesoftmax.internal.tensors.BatchSize;
import org.adaptivesoftmax.savedmodel.PublishedClusters;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.proto.error.Code;

/**
 * What a model in this process does, cluster by cluster, as Micrometer counts and times it. All have the tag {@code
 * model}.
 *
 * <ul>
 *   <li>{@code adaptive.softmax.requests}: a timer of answered requests with their 50th, 95th and 99th percentile, and tags
 *       {@code signature} and {@code answer}:
 *       {@code head} if all classes of the answer are in the head, {@code tail} if one is in a tail cluster, {@code none} if
 *       the signature is not {@code serving_default}, {@code predict} or {@code head_only}, or the model does not tell its
 *       clusters
 *   <li>{@code adaptive.softmax.rows}: rows of these signatures by the tag {@code cluster} of their best class: {@code
 *       head}, {@code tail 1} and so on
 *   <li>{@code adaptive.softmax.batch.rows}: a summary of the rows that were run at once
 *   <li>{@code adaptive.softmax.busy.rows}: rows that a busy server asked the head alone for, by the tag {@code answer}: {@code
 *       proven} if that was exact, {@code inexact} if it was given although that is not proven, {@code waited} if the row took the
 *       exact way after it
 *   <li>{@code adaptive.softmax.failures}: requests that were refused, by the tag {@code code}
 *   <li>{@code adaptive.softmax.cache}: texts by the tag {@code result}: {@code hit} or {@code miss}
 *   <li>{@code adaptive.softmax.versions}: new versions by the tag {@code result}: {@code served}, or {@code rejected} as they
 *       could not be loaded
 * </ul>
 */
public final class ServingMetrics {
  private static final String PREFIX = "adaptive.softmax.";
  private static final List<String> CLASS_OUTPUTS = List.of(TensorNames.WORDS, TensorNames.CLASSES);
  private static final Set<String> CLASS_SIGNATURES =
      Set.of(SignatureKeys.DEFAULT, SignatureKeys.PREDICT, SignatureKeys.HEAD_ONLY);

  private final MeterRegistry registry;
  private final String model;
  private final Counter hits;
  private final Counter misses;
  private final DistributionSummary batches;

  /** Meters that are found again for each request, by their tags: a registry takes longer to find them. */
  private final Map<Answer, Timer> requests = new ConcurrentHashMap<>();

  private final Map<Integer, Counter> rows = new ConcurrentHashMap<>();

  /** The tags of answered requests. */
  private record Answer(String signature, String answer) {}

  ServingMetrics(MeterRegistry registry, String model) {
    this.registry = registry;
    this.model = model;
    hits = cache("hit");
    misses = cache("miss");
    batches =
        DistributionSummary.builder(PREFIX + "batch.rows")
            .description("rows that were run at once")
            .tags("model", model)
            .publishPercentiles(0.5, 0.95, 0.99)
            .register(registry);
  }

  private Counter cache(String result) {
    return Counter.builder(PREFIX + "cache")
        .description("texts whose answer was remembered, or was not")
        .tags("model", model, "result", result)
        .register(registry);
  }

  /** A runner that counts the rows of each batch. */
  Runner counting(Runner runner) {
    return (signature, inputs) -> {
      batches.record((double) BatchSize.of(inputs));
      return runner.run(signature, inputs);
    };
  }

  void looked(int found, int missed) {
    hits.increment(found);
    misses.increment(missed);
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
    if (clusters != null && classes != null && CLASS_SIGNATURES.contains(signature)) {
      answer = countRows(classes, clusters) ? "tail" : "head";
    }
    requests
        .computeIfAbsent(new Answer(signature, answer), this::timer)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  private Timer timer(Answer answered) {
    return Timer.builder(PREFIX + "requests")
        .description("answered requests, by whether a class of the answer is in a tail cluster")
        .tags("model", model, "signature", answered.signature, "answer", answered.answer)
        .publishPercentiles(0.5, 0.95, 0.99)
        .register(registry);
  }

  /**
   * @param classes [batch, k], best first, or [batch]
   * @return whether one is in a tail cluster
   */
  private boolean countRows(NdArray<?> classes, PublishedClusters clusters) {
    for (NdArray<?> row : classes.elements(0)) {
      Object best = row.rank() == 0 ? row.getObject() : row.getObject(0);
      clusters
          .cluster(best)
          .ifPresent(cluster -> rows.computeIfAbsent(cluster, this::rowsOf).increment());
    }
    return classes.streamOfObjects().map(clusters::cluster).anyMatch(c -> c.orElse(0) > 0);
  }

  private Counter rowsOf(int cluster) {
    return Counter.builder(PREFIX + "rows")
        .description("rows by the cluster of their best class")
        .tags("model", model, "cluster", cluster == 0 ? "head" : "tail " + cluster)
        .register(registry);
  }

  void answeredByHead(int proven, int inexact, int waited) {
    busyRows("proven", proven);
    busyRows("inexact", inexact);
    busyRows("waited", waited);
  }

  private void busyRows(String answer, int rows) {
    Counter.builder(PREFIX + "busy.rows")
        .description("rows that a busy server asked the head alone for, by what became of them")
        .tags("model", model, "answer", answer)
        .register(registry)
        .increment(rows);
  }

  void failed(Code code) {
    Counter.builder(PREFIX + "failures")
        .description("requests that were refused")
        .tags("model", model, "code", code.name())
        .register(registry)
        .increment();
  }

  void turned(boolean served) {
    Counter.builder(PREFIX + "versions")
        .description("new versions that were served, or rejected as they could not be loaded")
        .tags("model", model, "result", served ? "served" : "rejected")
        .register(registry)
        .increment();
  }
}
