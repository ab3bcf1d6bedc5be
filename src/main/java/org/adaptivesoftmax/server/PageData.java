package org.adaptivesoftmax.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Int64Value;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import io.micrometer.core.instrument.distribution.ValueAtPercentile;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.adaptivesoftmax.client.VersionStatus;
import org.adaptivesoftmax.proto.ModelSpec;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;

/** What the page shows, as JSON. */
final class PageData {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String PREFIX = "adaptive.softmax.";

  private final ServedModels models;
  private final MeterRegistry registry;
  private final Map<Path, ObjectNode> facts = new ConcurrentHashMap<>();

  PageData(ServedModels models, MeterRegistry registry) {
    this.models = models;
    this.registry = registry;
  }

  /** The models with their versions and signatures. */
  String models() {
    ObjectNode all = JSON.objectNode();
    for (ServedModel model : this.models.all()) {
      ObjectNode of = all.putObject(model.name());
      ObjectNode labels = of.putObject("labels");
      model.labels().forEach(labels::put);
      ArrayNode versions = of.putArray("versions");
      for (VersionStatus status : model.status()) {
        versions
            .addObject()
            .put("version", Long.toString(status.version()))
            .put("state", status.state().name())
            .put("message", status.message());
      }
      ObjectNode signatures = of.putObject("signatures");
      model
          .paths()
          .keySet()
          .forEach(
              number -> signatures.set(Long.toString(number), signatures(model.name(), number)));
    }
    return all.toString();
  }

  private ObjectNode signatures(String name, long number) {
    ObjectNode json = JSON.objectNode();
    try {
      ModelSpec spec =
          ModelSpec.newBuilder().setName(name).setVersion(Int64Value.of(number)).build();
      Map<String, SignatureDef> signatures = models.use(spec, version -> version.signatures());
      signatures.forEach(
          (key, signature) -> {
            ObjectNode one = json.putObject(key);
            one.put("method", signature.getMethodName());
            tensors(one.putObject("inputs"), signature.getInputsMap());
            tensors(one.putObject("outputs"), signature.getOutputsMap());
          });
    } catch (RequestFailure e) {
      // It has gone meanwhile.
    }
    return json;
  }

  private static void tensors(ObjectNode json, Map<String, TensorInfo> tensors) {
    tensors.forEach(
        (name, tensor) -> {
          ObjectNode one = json.putObject(name).put("type", tensor.getDtype().name());
          ArrayNode shape = one.putArray("shape");
          tensor.getTensorShape().getDimList().forEach(size -> shape.add(size.getSize()));
        });
  }

  /** What has been counted and timed so far, and what the served versions are built on and come from. */
  String watch() {
    ObjectNode watch = JSON.objectNode();
    watch.put("time", System.currentTimeMillis());
    ArrayNode requests = watch.putArray("requests");
    registry.find(ServerMetrics.REQUESTS).timers().forEach(timer -> timer(requests, timer));
    ArrayNode answers = watch.putArray("answers");
    registry.find(PREFIX + "requests").timers().forEach(timer -> timer(answers, timer));
    ArrayNode batches = watch.putArray("batches");
    registry.find(PREFIX + "batch.rows").summaries().forEach(summary -> summary(batches, summary));
    counts(watch.putArray("rows"), PREFIX + "rows");
    counts(watch.putArray("cache"), PREFIX + "cache");
    gauges(watch.putArray("queue"), PREFIX + "server.");
    gauges(watch.putArray("drift"), PREFIX + "drift.");
    ObjectNode versions = watch.putObject("versions");
    Set<Path> served = new HashSet<>();
    for (ServedModel model : models.all()) {
      ObjectNode of = versions.putObject(model.name());
      model.paths().forEach((number, path) -> of.set(Long.toString(number), facts(path)));
      served.addAll(model.paths().values());
    }
    facts.keySet().retainAll(served);
    return watch.toString();
  }

  private ObjectNode facts(Path version) {
    return facts.computeIfAbsent(version, path -> VersionFacts.read(path).json());
  }

  private void timer(ArrayNode list, Timer timer) {
    HistogramSnapshot snapshot = timer.takeSnapshot();
    ObjectNode json = meter(list, timer.getId());
    json.put("count", timer.count());
    json.put("total_ms", timer.totalTime(TimeUnit.MILLISECONDS));
    for (ValueAtPercentile value : snapshot.percentileValues()) {
      putFinite(json, percentile(value), value.value(TimeUnit.MILLISECONDS));
    }
  }

  private void summary(ArrayNode list, DistributionSummary summary) {
    ObjectNode json = meter(list, summary.getId());
    json.put("count", summary.count());
    json.put("total", summary.totalAmount());
    for (ValueAtPercentile value : summary.takeSnapshot().percentileValues()) {
      putFinite(json, percentile(value), value.value());
    }
  }

  private static String percentile(ValueAtPercentile value) {
    return "p" + Math.round(100 * value.percentile());
  }

  private void counts(ArrayNode list, String name) {
    registry
        .find(name)
        .counters()
        .forEach(counter -> meter(list, counter.getId()).put("count", counter.count()));
  }

  private void gauges(ArrayNode list, String prefix) {
    for (Meter meter : registry.getMeters()) {
      if (meter instanceof Gauge gauge && gauge.getId().getName().startsWith(prefix)) {
        putFinite(meter(list, gauge.getId()), "value", gauge.value());
      }
    }
  }

  private static ObjectNode meter(ArrayNode list, Meter.Id id) {
    ObjectNode json = list.addObject().put("name", id.getName());
    id.getTags().forEach(tag -> json.put(tag.getKey(), tag.getValue()));
    return json;
  }

  /** JSON has no NaN. */
  static void putFinite(ObjectNode json, String key, double value) {
    if (Double.isFinite(value)) {
      json.put(key, value);
    } else {
      json.putNull(key);
    }
  }
}
