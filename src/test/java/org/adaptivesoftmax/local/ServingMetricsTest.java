package org.adaptivesoftmax.local;

import static java.util.Comparator.comparingDouble;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.adaptivesoftmax.client.Prediction;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.export.OutputLayerExporter;
import org.adaptivesoftmax.pytorch.PyTorchModule;
import org.adaptivesoftmax.pytorch.PyTorchWeights;
import org.adaptivesoftmax.pytorch.Safetensors;
import org.adaptivesoftmax.pytorch.SafetensorsType;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.PublishedClusters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.error.Code;

/** Words of rank 0 and 1 are in the head, 2 and 3 in the first tail cluster, 4 in the second. */
class ServingMetricsTest {
  private static final PyTorchModule MODULE = new PyTorchModule(ClusterPlan.of(16, 14, 3, 7), 5);

  @TempDir Path version;

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ServingMetrics metrics = new ServingMetrics(registry, "m");

  private PublishedClusters clusters(String provenance) throws IOException {
    Files.createDirectories(version.resolve("assets"));
    Files.createDirectories(version.resolve("assets.extra"));
    Files.writeString(version.resolve("assets/vocabulary.txt"), "<unk>\n</s>\ntwo\nthree\nfour\n");
    Files.writeString(version.resolve("assets.extra/provenance.json"), provenance);
    return PublishedClusters.of(version).orElse(null);
  }

  private static Prediction prediction(String output, NdArray<?> classes) {
    return new Prediction("m", OptionalLong.of(1), Map.of(output, classes));
  }

  private static NdArray<String> words(int columns, String... words) {
    return NdArrays.wrap(Shape.of(words.length / columns, columns), DataBuffers.ofObjects(words));
  }

  private double rows(String cluster) {
    Counter counter = registry.find("adaptive.softmax.rows").tag("cluster", cluster).counter();
    return counter == null ? 0 : counter.count();
  }

  private Timer requests(String answer) {
    return registry.get("adaptive.softmax.requests").tag("answer", answer).timer();
  }

  @Test
  void rowsAreCountedByTheirBestWordsCluster() throws IOException {
    NdArray<String> words = words(2, "three", "</s>", "</s>", "<unk>", "four", "two", "zebra", "x");
    metrics.answered(
        "serving_default",
        prediction("words", words),
        clusters("{\"cutoffs\": [2, 4]}"),
        3_000_000);
    assertThat(rows("head")).isEqualTo(1);
    assertThat(rows("tail 1")).isEqualTo(1);
    assertThat(rows("tail 2")).isEqualTo(1);
    assertThat(requests("tail").count()).isEqualTo(1);
    assertThat(requests("tail").totalTime(TimeUnit.MILLISECONDS)).isEqualTo(3);
  }

  @Test
  void anAnswerFromTheHeadAloneIsTimedAsSuch() throws IOException {
    metrics.answered(
        "serving_default",
        prediction("words", words(2, "</s>", "<unk>")),
        clusters("{\"cutoffs\": [2, 4]}"),
        1);
    assertThat(requests("head").count()).isEqualTo(1);
    metrics.answered(
        "serving_default",
        prediction("words", words(2, "</s>", "two")),
        clusters("{\"cutoffs\": [2, 4]}"),
        1);
    assertThat(requests("tail").count()).isEqualTo(1);
    assertThat(rows("head")).isEqualTo(2);
  }

  /** The order of classes is inside the graph, whether ids are ranks, permuted, or have gaps. */
  @ParameterizedTest
  @MethodSource
  void rowsAreCountedByTheirBestClassCluster(LabelOrder order) throws IOException {
    ModelDirectory model = new ModelDirectory(version.resolve("imported"));
    Path weights = version.resolve("weights.safetensors");
    MODULE.safetensors("", SafetensorsType.F32).write(weights);
    try (Safetensors file = Safetensors.open(weights)) {
      PyTorchWeights found = PyTorchWeights.find(file);
      OutputLayerExporter.builder(found.layer().labelOrder(order)::build)
          .topK(3)
          .provenance(Map.of("cutoffs", found.plan().cutoffs()))
          .build()
          .publish(model, found.source(file));
    }
    int[] rows = new int[3];
    int tails = 0;
    Random random = new Random(1);
    try (LocalModel local = LocalModel.builder(model).metrics(registry).load()) {
      for (int i = 0; i < 50; i++) {
        float[] input = new float[16];
        double[] same = new double[16];
        for (int j = 0; j < 16; j++) {
          input[j] = 8 * random.nextFloat() - 4;
          same[j] = input[j];
        }
        double[] logProb = MODULE.logProb(same);
        List<Integer> ranks =
            IntStream.range(0, 14).boxed().sorted(comparingDouble(rank -> -logProb[rank])).toList();
        assertThat(local.outputLayer().topK(input).get(0).get(0).label())
            .isEqualTo(order.label(ranks.get(0)));
        assertThat(local.outputLayer().predict(input)).containsExactly(order.label(ranks.get(0)));
        rows[cluster(ranks.get(0))] += 2;
        tails += ranks.stream().limit(3).anyMatch(rank -> cluster(rank) > 0) ? 1 : 0;
      }
    }
    assertThat(rows("head")).isEqualTo(rows[0]).isPositive();
    assertThat(rows("tail 1")).isEqualTo(rows[1]).isPositive();
    assertThat(rows("tail 2")).isEqualTo(rows[2]).isPositive();
    Timer timer =
        registry
            .get("adaptive.softmax.requests")
            .tags("signature", "serving_default", "answer", "tail")
            .timer();
    assertThat(timer.count()).isEqualTo(tails);
  }

  private static int cluster(int rank) {
    return rank < 3 ? 0 : rank < 7 ? 1 : 2;
  }

  static Stream<LabelOrder> rowsAreCountedByTheirBestClassCluster() {
    return Stream.of(
        LabelOrder.identity(14),
        LabelOrder.ranked(LongStream.range(0, 14).map(rank -> 13 - rank).toArray()),
        LabelOrder.ranked(LongStream.range(0, 14).map(rank -> 500 - 3 * rank).toArray()),
        LabelOrder.ranked(LongStream.range(0, 14).map(rank -> 10 * rank - 50).toArray()));
  }

  @Test
  void brokenProvenanceIsNamed() {
    assertThatThrownBy(() -> clusters("{\"cutoffs\": [2,"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "provenance is no JSON object: " + version.resolve("assets.extra/provenance.json"));
  }

  /** A second model of the same name goes on counting. */
  @Test
  void modelsOfANameCountTogether() {
    metrics.looked(1, 2);
    new ServingMetrics(registry, "m").looked(10, 20);
    assertThat(registry.get("adaptive.softmax.cache").tag("result", "hit").counter().count())
        .isEqualTo(11);
    assertThat(registry.get("adaptive.softmax.cache").tag("result", "miss").counter().count())
        .isEqualTo(22);
  }

  @Test
  void prometheusReadsThem() throws IOException {
    PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    ServingMetrics told = new ServingMetrics(prometheus, "lm");
    PublishedClusters clusters = clusters("{\"cutoffs\": [2, 4]}");
    told.answered("serving_default", prediction("words", words(1, "</s>")), clusters, 500_000_000);
    told.answered(
        "serving_default", prediction("words", words(1, "four")), clusters, 2_000_000_000);
    told.answered("score", prediction("words", NdArrays.vectorOf(3L)), clusters, 1_000_000_000);
    told.looked(3, 4);
    told.failed(Code.INVALID_ARGUMENT);
    told.turned(true);
    told.turned(false);
    String of = "{answer=\"%s\",model=\"lm\",signature=\"%s\"} %s";
    assertThat(prometheus.scrape().lines())
        .contains(
            "adaptive_softmax_requests_seconds_count" + of.formatted("head", "serving_default", 1),
            "adaptive_softmax_requests_seconds_sum" + of.formatted("head", "serving_default", 0.5),
            "adaptive_softmax_requests_seconds_sum" + of.formatted("tail", "serving_default", 2.0),
            "adaptive_softmax_requests_seconds_sum" + of.formatted("none", "score", 1.0),
            "adaptive_softmax_rows_total{cluster=\"head\",model=\"lm\"} 1.0",
            "adaptive_softmax_rows_total{cluster=\"tail 2\",model=\"lm\"} 1.0",
            "adaptive_softmax_cache_total{model=\"lm\",result=\"hit\"} 3.0",
            "adaptive_softmax_cache_total{model=\"lm\",result=\"miss\"} 4.0",
            "adaptive_softmax_failures_total{code=\"INVALID_ARGUMENT\",model=\"lm\"} 1.0",
            "adaptive_softmax_versions_total{model=\"lm\",result=\"served\"} 1.0",
            "adaptive_softmax_versions_total{model=\"lm\",result=\"rejected\"} 1.0");
  }

  @Test
  void aModelThatDoesNotTellItsClustersHasRequestsAlone() throws IOException {
    assertThat(clusters("{}")).isNull();
    metrics.answered("serving_default", prediction("words", words(1, "two")), null, 1);
    assertThat(requests("none").count()).isEqualTo(1);
    assertThat(registry.find("adaptive.softmax.rows").counters()).isEmpty();
  }
}
