package org.adaptivesoftmax.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.adaptivesoftmax.FullSoftmax;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.pytorch.PyTorchModule;
import org.adaptivesoftmax.pytorch.PyTorchWeights;
import org.adaptivesoftmax.pytorch.Safetensors;
import org.adaptivesoftmax.pytorch.SafetensorsType;
import org.adaptivesoftmax.pytorch.WeightSource;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

/** Output layers that are exported with tail weights of another form. */
class TailWeightsExportTest {
  /** 16 features; 3 classes in the shortlist, tail clusters of 4 and 7. */
  private static final ClusterPlan PLAN = ClusterPlan.of(16, 14, 3, 7);

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  @ParameterizedTest
  @EnumSource
  void servesRoundedTailWeights(TailWeights form) throws IOException {
    PyTorchModule module = new PyTorchModule(PLAN, 6);
    long[] labels = IntStream.range(0, 14).mapToLong(rank -> 50 - rank * 3L).toArray();
    try (ServedLayer served = export(module, LabelOrder.ranked(labels), form)) {
      served.assertServes(module.rounded(form), LabelOrder.ranked(labels));
      assertThat(served.topK().get("classes").shape()).isEqualTo(Shape.of(0, 14));
      assertThat(served.logProb().shape()).isEqualTo(Shape.of(0, 14));
      assertThat(served.predict().shape()).isEqualTo(Shape.of(0));
      assertThat(served.score(new double[0]).shape()).isEqualTo(Shape.of(0));
    }
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32, 4, 0", "BFLOAT16, 2, 0", "INT8, 1, 4"})
  void takesTheSpaceThatTheFormPromises(TailWeights form, int bytes, int scale) throws IOException {
    PyTorchModule module = new PyTorchModule(ClusterPlan.of(64, 5000, 1000, 2000), 3);
    LabelOrder order = LabelOrder.identity(5000);
    try (ServedLayer served = export(module, order, form)) {
      long floats = 1002 * 64 + 1002 + 64 * 16 + 64 * 4;
      assertThat(Files.size(directory.resolve("model/1/variables/variables.data-00000-of-00001")))
          .isEqualTo(4 * floats + (1000 * 16 + 3000 * 4L) * bytes + 4000L * scale);
      var graph = served.metaGraph().getGraphDef();
      assertThat(graph.getSerializedSize()).isLessThan(100_000);
      assertThat(graph.getNodeList())
          .extracting(node -> node.getOp())
          .doesNotContain("Round", "RestoreSlice");
    }
  }

  @Test
  void aFullSoftmaxHasNoTailWeights() {
    OutputLayerExporter exporter =
        OutputLayerExporter.builder(
                tf -> FullSoftmax.builder(TFloat32.class).inFeatures(16).nClasses(14).build(tf))
            .tailWeights(TailWeights.INT8)
            .build();
    WeightSource weights =
        (session, variables) -> {
          throw new AssertionError("weights are loaded");
        };
    assertThatThrownBy(() -> exporter.publish(model(), weights))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tailWeights must be FLOAT32 for a layer without tail clusters: INT8");
    assertThat(directory.resolve("model")).doesNotExist();
  }

  private ServedLayer export(PyTorchModule module, LabelOrder order, TailWeights form)
      throws IOException {
    Path path = module.safetensors("", SafetensorsType.F32).write(directory.resolve("weights"));
    try (Safetensors file = Safetensors.open(path)) {
      PyTorchWeights weights = PyTorchWeights.find(file);
      Path version =
          OutputLayerExporter.builder(weights.layer().labelOrder(order)::build)
              .topK(14)
              .tailWeights(form)
              .build()
              .publish(model(), weights.source(file));
      return new ServedLayer(version, module.plan().inFeatures());
    }
  }

  private ModelDirectory model() {
    return new ModelDirectory(directory.resolve("model"));
  }
}
