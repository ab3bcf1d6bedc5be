package org.adaptivesoftmax.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.adaptivesoftmax.serving.PublishedClusters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.ndarray.buffer.DataBuffers;

/** Words of rank 0 and 1 are in the head, 2 and 3 in the first tail cluster, 4 in the second. */
class ServingMetricsTest {
  @TempDir Path version;

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ServingMetrics metrics =
      new ServingMetrics(registry, "m", new LongAdder(), new LongAdder());

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

  @Test
  void classIdsAreRanks() throws IOException {
    NdArray<?> classes = StdArrays.ndCopyOf(new long[][] {{0, 4}, {5, 1}});
    metrics.answered(
        "serving_default", prediction("classes", classes), clusters("{\"cutoffs\": [2, 4]}"), 1);
    assertThat(rows("head")).isEqualTo(1);
    assertThat(rows("tail 2")).isEqualTo(1);
  }

  @Test
  void aModelThatDoesNotTellItsClustersHasRequestsAlone() throws IOException {
    assertThat(clusters("{}")).isNull();
    assertThat(clusters("{\"cutoffs\": [2], \"class_order\": {}}")).isNull();
    metrics.answered("serving_default", prediction("words", words(1, "two")), null, 1);
    assertThat(requests("none").count()).isEqualTo(1);
    assertThat(registry.find("adaptive.softmax.rows").counters()).isEmpty();
  }
}
