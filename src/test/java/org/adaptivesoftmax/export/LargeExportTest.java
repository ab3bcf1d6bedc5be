package org.adaptivesoftmax.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.FullSoftmax;
import org.adaptivesoftmax.OutputLayer;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.PublishedVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.types.TFloat32;

/**
 * A graph's description holds at most 2 GB. No weight is in it, so weights may have any size; {@link LargeExport} shows it
 * with as many as one likes.
 */
class LargeExportTest {
  private static final int NODE_BYTES = 2_000;

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  @Test
  void aFullSoftmaxDoesNotGrowTheGraph() throws Exception {
    assertSameGraphSize(
        classes ->
            tf ->
                FullSoftmax.builder(TFloat32.class)
                    .inFeatures(16)
                    .nClasses(classes)
                    .seed(1)
                    .build(tf));
  }

  @Test
  void anAdaptiveSoftmaxDoesNotGrowTheGraph() throws Exception {
    assertSameGraphSize(
        classes ->
            tf ->
                AdaptiveSoftmax.builder(TFloat32.class)
                    .inFeatures(16)
                    .nClasses(classes)
                    .cutoffs(classes / 10, classes / 3)
                    .divValue(2)
                    .build(tf));
  }

  private void assertSameGraphSize(Function<Integer, Function<Ops, OutputLayer<TFloat32>>> layer)
      throws Exception {
    long small = graphBytes(layer.apply(1_000));
    long large = graphBytes(layer.apply(50_000));
    // The best of many classes are found by other operations; one number per class would take more.
    assertThat(large - small).isLessThan(50_000);
  }

  private long graphBytes(Function<Ops, OutputLayer<TFloat32>> layer) throws Exception {
    Path version = LargeExport.export(new ModelDirectory(directory.resolve("model")), layer);
    PublishedVersion.check(new ModelDirectory(directory.resolve("model")));
    Path file = version.resolve("saved_model.pb");
    assertThat(savedModel(file).getMetaGraphs(0).getGraphDef().getNodeList())
        .allSatisfy(
            node -> assertThat(node.getSerializedSize()).as(node.getName()).isLessThan(NODE_BYTES));
    return Files.size(file);
  }

  private static SavedModel savedModel(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return SavedModel.parseFrom(in);
    }
  }
}
