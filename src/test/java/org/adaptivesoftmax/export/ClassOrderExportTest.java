package org.adaptivesoftmax.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.pytorch.WeightSource;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.PublishedClusters;
import org.adaptivesoftmax.savedmodel.PublishedVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** A layer's own class ids stand in its export once in each form that is needed, however many signatures use them. */
class ClassOrderExportTest {
  private static final int CLASSES = 20_000;

  private final Path directory;

  ClassOrderExportTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private Path export(String name, LabelOrder order, TailWeights form) throws IOException {
    Function<Ops, AdaptiveSoftmax<TFloat32>> layer =
        tf ->
            AdaptiveSoftmax.builder(TFloat32.class)
                .inFeatures(8)
                .nClasses(CLASSES)
                .cutoffs(500, 3_000)
                .divValue(2)
                .labelOrder(order)
                .build(tf);
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      AdaptiveSoftmax<TFloat32> trained = layer.apply(Ops.create(graph));
      session.initialize();
      return OutputLayerExporter.builder(layer)
          .tailWeights(form)
          .provenance(Map.of("corpus", "none"))
          .build()
          .publish(new ModelDirectory(directory.resolve(name)), WeightSource.of(session, trained));
    }
  }

  private static long bytes(Path version) throws IOException {
    try (Stream<Path> files = Files.walk(version)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  private static LabelOrder shuffled(long factor, long start) {
    return LabelOrder.ranked(
        LongStream.range(0, CLASSES).map(rank -> start + factor * (rank * 7 % CLASSES)).toArray());
  }

  /** By rank int64 in the graph and in the file, ranks by place int32; where ids have gaps, the sorted ids as well. */
  @ParameterizedTest
  @EnumSource
  void takesFewBytesAClass(TailWeights form) throws IOException {
    long ranked = bytes(export("ranks", LabelOrder.identity(CLASSES), form));
    assertThat(bytes(export("dense", shuffled(1, 0), form)) - ranked)
        .isBetween(16L * CLASSES, 24L * CLASSES);
    assertThat(bytes(export("gaps", shuffled(1_000_003, -77), form)) - ranked)
        .isBetween(24L * CLASSES, 32L * CLASSES);
  }

  @Test
  void clustersAreKnownByTheIds() throws IOException {
    LabelOrder order = shuffled(3, 11);
    PublishedClusters clusters =
        PublishedClusters.of(export("model", order, TailWeights.FLOAT32)).orElseThrow();
    assertThat(clusters.cutoffs()).containsExactly(500, 3_000);
    assertThat(clusters.cluster(order.label(0))).isEqualTo(OptionalInt.of(0));
    assertThat(clusters.cluster(order.label(500))).isEqualTo(OptionalInt.of(1));
    assertThat(clusters.cluster(order.label(19_999))).isEqualTo(OptionalInt.of(2));
    assertThat(clusters.cluster(12L)).isEmpty();
  }

  /** As earlier versions of this library published: their cutoffs are told, but not which class is in which cluster. */
  @Test
  void aVersionMayNotTellItsOrder() throws IOException {
    Path version = export("model", shuffled(3, 11), TailWeights.FLOAT32);
    Path provenance = version.resolve("assets.extra/provenance.json");
    Files.writeString(
        provenance, "{\"cutoffs\": [500, 3000], \"class_order\": {\"name\": \"order.txt\"}}");
    assertThat(PublishedClusters.of(version)).isEmpty();
    assertThat(PublishedVersion.read(new ModelDirectory(directory.resolve("model"))).cutoffs())
        .containsExactly(500, 3_000);
  }

  @Test
  void aDamagedFileIsNamed() throws IOException {
    Path version = export("model", shuffled(3, 11), TailWeights.FLOAT32);
    Path file = version.resolve("assets.extra/class_order.int64");
    byte[] whole = Files.readAllBytes(file);
    whole[9]++;
    Files.write(file, whole);
    assertThatThrownBy(() -> PublishedClusters.of(version))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("class order does not fit its fingerprint: " + file);
    ModelDirectory model = new ModelDirectory(directory.resolve("model"));
    assertThatThrownBy(() -> PublishedVersion.read(model))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("class order does not fit its fingerprint: " + file);
    Files.delete(file);
    assertThatThrownBy(() -> PublishedClusters.of(version))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("class order is missing: " + file);
  }
}
