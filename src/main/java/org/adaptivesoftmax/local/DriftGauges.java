package org.adaptivesoftmax.local;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.CostModel;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.lifecycle.Drift;
import org.adaptivesoftmax.lifecycle.DriftCounts;
import org.adaptivesoftmax.lifecycle.DriftThresholds;
import org.adaptivesoftmax.lifecycle.Figure;
import org.adaptivesoftmax.text.LiveCounts;
import org.adaptivesoftmax.text.TokenStatistics;
import org.adaptivesoftmax.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * Gauges of how far live tokens are from the counts that the served version was built on. All have the tag {@code model}, and
 * but for the advice the tag {@code bound}: {@code value}, or {@code low} and {@code high} of its interval.
 *
 * <ul>
 *   <li>{@code adaptive.softmax.drift.share}: the share of the tokens in a cluster, by the tags {@code cluster} ({@code head},
 *       {@code tail 1} and so on) and {@code text}: {@code then} or {@code now}
 *   <li>{@code adaptive.softmax.drift.js.divergence}, {@code adaptive.softmax.drift.linf}, {@code
 *       adaptive.softmax.drift.unknown}, {@code adaptive.softmax.drift.cost}: as {@link Drift} says
 *   <li>{@code adaptive.softmax.drift.advice}: 0 to keep the model, 1 to re-bucket it, 2 to train it anew
 * </ul>
 *
 * <p>They are NaN while fewer than two distinct tokens were counted, and if the version has no counts. The figures are
 * found when one is read, at most once in some time.
 */
final class DriftGauges {
  private static final String PREFIX = "adaptive.softmax.drift.";

  /** Rows of a step whose cost is compared, as the command has them. */
  private static final int STEP_ROWS = 640;

  private final MeterRegistry registry;
  private final String model;
  private final TokenStatistics statistics;
  private final DriftThresholds thresholds;
  private final long everyNanos;

  private @Nullable Baseline baseline;
  private @Nullable Drift drift;
  private boolean fresh;
  private long found;

  /** What a version was built on. */
  private record Baseline(ClusterPlan plan, Vocabulary vocabulary) {}

  DriftGauges(
      MeterRegistry registry,
      String model,
      TokenStatistics statistics,
      DriftThresholds thresholds,
      Duration every) {
    this.registry = registry;
    this.model = model;
    this.statistics = statistics;
    this.thresholds = thresholds;
    everyNanos = every.toNanos();
    register("js.divergence", "bits between the tokens then and now", Drift::jsDivergence);
    register("linf", "the largest difference of a token's share", Drift::linf);
    register("unknown", "the share of unknown live tokens", Drift::unknownNow);
    register("cost", "the expected cost of a step, by the planned one", Drift::expectedCostRatio);
    gauge("advice", "0 to keep the model, 1 to re-bucket it, 2 to train it anew", this::advice);
  }

  /** A version is served from now on. */
  void turned(Path version) {
    Baseline next = read(version);
    synchronized (this) {
      baseline = next;
      fresh = false;
    }
    for (int cluster = 0; next != null && cluster <= next.plan.nTails(); cluster++) {
      registerShare(cluster);
    }
  }

  private static @Nullable Baseline read(Path version) {
    try {
      PublishedLanguageModel published = PublishedLanguageModel.read(version);
      Vocabulary vocabulary = published.vocabulary();
      return vocabulary.hasCounts()
          ? new Baseline(published.configuration().plan(), vocabulary)
          : null;
    } catch (IOException | IllegalArgumentException e) {
      // Another kind of model, or damaged counts: it answers all the same.
      return null;
    }
  }

  private double advice(Drift some) {
    return switch (some.advice(thresholds).action()) {
      case KEEP -> 0;
      case REBUCKET -> 1;
      case RETRAIN -> 2;
    };
  }

  private void registerShare(int cluster) {
    String name = cluster == 0 ? "head" : "tail " + cluster;
    String description = "the share of the tokens in a cluster";
    register(
        "share",
        description,
        some -> at(some.shares().then(), cluster),
        "cluster",
        name,
        "text",
        "then");
    register(
        "share",
        description,
        some -> at(some.shares().now(), cluster),
        "cluster",
        name,
        "text",
        "now");
  }

  /** A later version may have fewer clusters. */
  private static Figure at(List<Figure> shares, int cluster) {
    return cluster < shares.size()
        ? shares.get(cluster)
        : new Figure(Double.NaN, Double.NaN, Double.NaN);
  }

  private void register(
      String name, String description, Function<Drift, Figure> figure, String... tags) {
    gauge(name, description, some -> figure.apply(some).value(), with(tags, "value"));
    gauge(name, description, some -> figure.apply(some).low(), with(tags, "low"));
    gauge(name, description, some -> figure.apply(some).high(), with(tags, "high"));
  }

  private static String[] with(String[] tags, String bound) {
    String[] all = Arrays.copyOf(tags, tags.length + 2);
    all[tags.length] = "bound";
    all[tags.length + 1] = bound;
    return all;
  }

  private void gauge(
      String name, String description, ToDoubleFunction<Drift> figure, String... tags) {
    // Of another version of the same model, maybe: the last one that was loaded has the gauges.
    registry.find(PREFIX + name).tags("model", model).tags(tags).gauges().forEach(registry::remove);
    Gauge.builder(PREFIX + name, this, gauges -> gauges.read(figure))
        .description(description)
        .tags("model", model)
        .tags(tags)
        .register(registry);
  }

  private double read(ToDoubleFunction<Drift> figure) {
    Drift some = drift();
    return some == null ? Double.NaN : figure.applyAsDouble(some);
  }

  private synchronized @Nullable Drift drift() {
    long now = System.nanoTime();
    if (!fresh || now - found >= everyNanos) {
      drift = find();
      found = now;
      fresh = drift != null;
    }
    return drift;
  }

  private @Nullable Drift find() {
    Baseline then = baseline;
    if (then == null) {
      return null;
    }
    LiveCounts live = statistics.snapshot();
    if (live.ranked().size() < 2) {
      return null;
    }
    DriftCounts counts =
        DriftCounts.of(then.plan, then.vocabulary, live.toWordCounts(), live.maxError());
    return Drift.of(counts, CostModel.ofBatch(STEP_ROWS)::expectedCostOfShares);
  }
}
