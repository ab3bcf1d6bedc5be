package org.adaptivesoftmax.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.FullSoftmax;
import org.adaptivesoftmax.Golden;
import org.adaptivesoftmax.TestGraph;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.export.ServedLayer.Values;
import org.adaptivesoftmax.pytorch.PyTorchModule;
import org.adaptivesoftmax.pytorch.PyTorchWeights;
import org.adaptivesoftmax.pytorch.Safetensors;
import org.adaptivesoftmax.pytorch.SafetensorsBytes;
import org.adaptivesoftmax.pytorch.SafetensorsType;
import org.adaptivesoftmax.pytorch.WeightSource;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;

class OutputLayerExporterTest {
  /** 16 features; 3 classes in the shortlist, tail clusters of 4 and 7. */
  private static final ClusterPlan PLAN = ClusterPlan.of(16, 14, 3, 7);

  private static final double[] INPUTS = inputs(3, 16);

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private static double[] inputs(int rows, int inFeatures) {
    return IntStream.range(0, rows * inFeatures).mapToDouble(i -> Math.sin(i + 1)).toArray();
  }

  @ParameterizedTest
  @MethodSource("org.adaptivesoftmax.Golden#cases")
  void servesPyTorchsNumbers(String name) throws IOException {
    Golden golden = Golden.read(name, "float32");
    JsonNode json = golden.json();
    SafetensorsBytes bytes = new SafetensorsBytes();
    for (Map.Entry<String, JsonNode> parameter : json.get("parameters").properties()) {
      double[] values = Golden.flat(parameter.getValue());
      bytes.tensor(
          parameter.getKey(),
          SafetensorsType.F32,
          floats(values),
          Golden.shape(parameter.getValue()));
    }
    double[] inputs = Golden.flat(json.get("input"));
    double[] targets = Golden.flat(json.get("target"));
    try (ServedLayer served = export(bytes, golden.number("in_features"), 5)) {
      JsonNode rows = json.has("log_prob") ? json.get("log_prob") : json.get("log_prob_first_rows");
      double[] logProb = Golden.flat(rows);
      ServedLayer.assertNear(
          Arrays.copyOf(served.logProb(inputs).values(), logProb.length), logProb);
      assertThat(served.predict(inputs).values()).containsExactly(Golden.flat(json.get("predict")));
      ServedLayer.assertNear(
          served.score(inputs, longs(targets)).values(), Golden.flat(json.get("output")));
      Map<String, Values> top = served.topK(inputs);
      ServedLayer.assertNear(top.get("log_probs").values(), Golden.flat(json.get("top5_log_prob")));
      assertThat(top.get("classes").values()).containsExactly(Golden.flat(json.get("top5_class")));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16", "F16", "F64"})
  void servesEveryTypeAsFloat32(SafetensorsType type) throws IOException {
    PyTorchModule module = new PyTorchModule(PLAN, 1);
    try (ServedLayer served = export(module.safetensors("lm.", type), 16, 14)) {
      served.assertServes(module, LabelOrder.identity(14));
    }
  }

  @Test
  void servesTheCallersClassIds() throws IOException {
    PyTorchModule module = new PyTorchModule(PLAN, 2);
    long[] labels = IntStream.range(0, 14).mapToLong(rank -> 1000 - rank * 37L).toArray();
    LabelOrder order = LabelOrder.ranked(labels);
    Path file = module.safetensors("", SafetensorsType.F32).write(directory.resolve("w"));
    try (Safetensors opened = Safetensors.open(file)) {
      PyTorchWeights weights = PyTorchWeights.find(opened);
      Path version =
          OutputLayerExporter.builder(weights.layer().labelOrder(order)::build)
              .topK(14)
              .build()
              .publish(model(), weights.source(opened));
      try (ServedLayer served = new ServedLayer(version, 16)) {
        served.assertServes(module, order);
      }
    }
  }

  /** A server need not have XLA, and takes batches of any size. */
  @Test
  void aLayerThatIsCompiledForTrainingIsServedWithoutXla() throws IOException {
    PyTorchModule module = new PyTorchModule(PLAN, 2);
    Path file = module.safetensors("", SafetensorsType.F32).write(directory.resolve("w"));
    try (Safetensors opened = Safetensors.open(file)) {
      PyTorchWeights weights = PyTorchWeights.find(opened);
      Path version =
          OutputLayerExporter.builder(weights.layer().compiled(true)::build)
              .topK(14)
              .build()
              .publish(model(), weights.source(opened));
      try (ServedLayer served = new ServedLayer(version, 16)) {
        assertThat(served.metaGraph().getGraphDef().toString())
            .doesNotContain("PartitionedCall", "_XlaMustCompile");
        assertThat(served.metaGraph().getGraphDef().getLibrary().getFunctionCount()).isZero();
        served.assertServes(module, LabelOrder.identity(14));
      }
    }
  }

  @Test
  void answersAnEmptyBatchWithEmptyResults() throws IOException {
    try (ServedLayer served = exportModule(4)) {
      assertThat(served.topK().get("classes").shape()).isEqualTo(Shape.of(0, 4));
      assertThat(served.topK().get("log_probs").shape()).isEqualTo(Shape.of(0, 4));
      assertThat(served.logProb().shape()).isEqualTo(Shape.of(0, 14));
      assertThat(served.predict().shape()).isEqualTo(Shape.of(0));
      assertThat(served.score(new double[0]).shape()).isEqualTo(Shape.of(0));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 14, Long.MIN_VALUE, Long.MAX_VALUE})
  void aTargetThatIsNoClassHasNoLogProbability(long target) throws IOException {
    try (ServedLayer served = exportModule(4)) {
      double[] expected = served.score(INPUTS, 0, 5, 13).values();
      assertThat(served.score(INPUTS, 0, target, 13).values())
          .containsExactly(expected[0], Double.NaN, expected[2]);
    }
  }

  @Test
  void refusesTargetsThatDoNotMatchTheInputs() throws IOException {
    try (ServedLayer served = exportModule(4)) {
      assertThatThrownBy(() -> served.score(INPUTS, 5))
          .hasMessageContaining("input and target must have the same number of rows");
    }
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Float.MAX_VALUE})
  void aRowThatHasNoFiniteAnswerIsAnsweredAlone(double value) throws IOException {
    double[] inputs = INPUTS.clone();
    inputs[20] = value;
    int row = 20 / (INPUTS.length / 3);
    try (ServedLayer served = exportModule(4)) {
      assertAlone(row, served.topK(INPUTS).get("classes"), served.topK(inputs).get("classes"), -1);
      assertAlone(
          row,
          served.topK(INPUTS).get("log_probs"),
          served.topK(inputs).get("log_probs"),
          Double.NaN);
      assertAlone(row, served.logProb(INPUTS), served.logProb(inputs), Double.NaN);
      assertAlone(row, served.predict(INPUTS), served.predict(inputs), -1);
      assertAlone(row, served.score(INPUTS, 1, 2, 3), served.score(inputs, 1, 2, 3), Double.NaN);
    }
  }

  /** One of three rows has no answer; the others have theirs. */
  private static void assertAlone(
      int row, ServedLayer.Values good, ServedLayer.Values found, double none) {
    assertThat(found.shape()).isEqualTo(good.shape());
    double[] expected = good.values().clone();
    int width = expected.length / 3;
    Arrays.fill(expected, row * width, row * width + width, none);
    assertThat(found.values()).containsExactly(expected, within(1e-6));
  }

  @Test
  void answersLargeInputsWithFiniteLogProbabilities() throws IOException {
    double[] inputs = Arrays.stream(INPUTS).map(value -> value * 1e30).toArray();
    try (ServedLayer served = exportModule(14)) {
      assertThat(Arrays.stream(served.logProb(inputs).values())).allMatch(Double::isFinite);
      assertThat(Arrays.stream(served.topK(inputs).get("log_probs").values()))
          .allMatch(Double::isFinite);
      assertThat(Arrays.stream(served.score(inputs, 0, 5, 13).values())).allMatch(Double::isFinite);
    }
  }

  @Test
  void describesTheSignaturesAsAServerNeedsThem() throws IOException {
    try (ServedLayer served = exportModule(4)) {
      Map<String, SignatureDef> signatures = served.metaGraph().getSignatureDefMap();
      assertThat(signatures.keySet())
          .containsExactlyInAnyOrder("serving_default", "log_prob", "predict", "score");
      assertThat(signatures.values())
          .allMatch(signature -> signature.getMethodName().equals("tensorflow/serving/predict"))
          .allSatisfy(
              signature ->
                  assertTensor(signature.getInputsOrThrow("inputs"), DataType.DT_FLOAT, -1, 16));
      SignatureDef top = signatures.get("serving_default");
      assertTensor(top.getOutputsOrThrow("classes"), DataType.DT_INT64, -1, 4);
      assertTensor(top.getOutputsOrThrow("log_probs"), DataType.DT_FLOAT, -1, 4);
      SignatureDef logProb = signatures.get("log_prob");
      assertTensor(logProb.getOutputsOrThrow("log_probs"), DataType.DT_FLOAT, -1, 14);
      SignatureDef predict = signatures.get("predict");
      assertTensor(predict.getOutputsOrThrow("classes"), DataType.DT_INT64, -1);
      SignatureDef score = signatures.get("score");
      assertTensor(score.getInputsOrThrow("targets"), DataType.DT_INT64, -1);
      assertTensor(score.getOutputsOrThrow("log_probs"), DataType.DT_FLOAT, -1);
    }
  }

  private static void assertTensor(TensorInfo tensor, DataType type, long... shape) {
    assertThat(tensor.getDtype()).isEqualTo(type);
    assertThat(tensor.getTensorShape().getDimList().stream().mapToLong(d -> d.getSize()))
        .containsExactly(Arrays.stream(shape).boxed().toArray(Long[]::new));
  }

  @Test
  void leavesWeightsAndTrainingOutOfTheGraph() throws IOException {
    PyTorchModule module = new PyTorchModule(ClusterPlan.of(64, 5000, 1000, 2000), 3);
    try (ServedLayer served = export(module.safetensors("", SafetensorsType.F32), 64, 10)) {
      var graph = served.metaGraph().getGraphDef();
      assertThat(graph.getSerializedSize()).isLessThan(100_000);
      assertThat(graph.getNodeList())
          .extracting(node -> node.getOp())
          .contains("VariableV2")
          .noneMatch(op -> op.startsWith("StatelessRandom") || op.equals("ScatterUpdate"));
    }
  }

  @Test
  void drawsNoInitialWeights() {
    OutputLayerExporter exporter =
        OutputLayerExporter.builder(AdaptiveSoftmax.builder(TFloat32.class).plan(PLAN)::build)
            .build();
    List<String> operations = new ArrayList<>();
    WeightSource weights =
        (session, variables) -> {
          session.graph().operations().forEachRemaining(op -> operations.add(op.type()));
          throw new IllegalArgumentException("seen enough");
        };
    assertThatThrownBy(() -> exporter.publish(model(), weights)).hasMessage("seen enough");
    assertThat(operations)
        .contains("VariableV2", "TopKV2")
        .doesNotContain("Assign", "StatelessRandomUniform");
  }

  @Test
  void exportsATrainedLayer() throws IOException {
    try (TestGraph training = new TestGraph()) {
      AdaptiveSoftmax<TBfloat16> trained =
          AdaptiveSoftmax.builder(TBfloat16.class).plan(PLAN).seed(7).build(training.tf);
      training.initialize();
      var logProb = trained.logProb(training.tf, training.constant(TBfloat16.class, INPUTS, 3, 16));
      double[] expected = training.run(logProb);
      Path version =
          OutputLayerExporter.builder(AdaptiveSoftmax.builder(TFloat32.class).plan(PLAN)::build)
              .build()
              .publish(model(), WeightSource.of(training.session(), trained));
      try (ServedLayer served = new ServedLayer(version, 16)) {
        double[] actual = served.logProb(INPUTS).values();
        for (int i = 0; i < expected.length; i++) {
          assertThat(actual[i]).isCloseTo(expected[i], within(2e-2));
        }
        assertThat(served.topK(INPUTS).get("classes").shape()).isEqualTo(Shape.of(3, 10));
      }
      assertThatThrownBy(
              () ->
                  OutputLayerExporter.builder(
                          tf ->
                              FullSoftmax.builder(TFloat32.class)
                                  .inFeatures(16)
                                  .nClasses(14)
                                  .build(tf))
                      .build()
                      .publish(model(), WeightSource.of(training.session(), trained)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("parameters [head.weight, ")
          .hasMessageEndingWith("do not match those of the exported layer: [weight]");
    }
  }

  @Test
  void aTrainedLayerMustHaveTheSameShapes() {
    try (TestGraph training = new TestGraph()) {
      var trained =
          FullSoftmax.builder(TFloat32.class).inFeatures(16).nClasses(13).build(training.tf);
      training.initialize();
      assertThatThrownBy(
              () ->
                  OutputLayerExporter.builder(
                          tf ->
                              FullSoftmax.builder(TFloat32.class)
                                  .inFeatures(16)
                                  .nClasses(14)
                                  .build(tf))
                      .build()
                      .publish(model(), WeightSource.of(training.session(), trained)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("shape [13, 16] does not fit that of the exported layer: [14, 16]");
      assertThat(directory.resolve("model")).doesNotExist();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 15})
  void refusesTopKOutOfRange(int k) {
    assertThatThrownBy(() -> exportModule(k))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("k must be in 1..14 (nClasses): " + k);
    assertThat(directory.resolve("model")).doesNotExist();
  }

  @Test
  void refusesAModelDirectoryThatIsAFileBeforeItLoadsWeights() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    OutputLayerExporter exporter =
        OutputLayerExporter.builder(AdaptiveSoftmax.builder(TFloat32.class).plan(PLAN)::build)
            .build();
    WeightSource weights =
        (session, variables) -> {
          throw new AssertionError("weights are loaded");
        };
    assertThatThrownBy(() -> exporter.publish(new ModelDirectory(file), weights))
        .hasMessage("model directory is a file: " + file);
    Path below = file.resolve("model");
    assertThatThrownBy(() -> exporter.publish(new ModelDirectory(below), weights))
        .hasMessage("model directory %s lies below a file: %s".formatted(below, file));
  }

  private ModelDirectory model() {
    return new ModelDirectory(directory.resolve("model"));
  }

  private ServedLayer exportModule(int topK) throws IOException {
    return export(new PyTorchModule(PLAN, 1).safetensors("", SafetensorsType.F32), 16, topK);
  }

  private ServedLayer export(SafetensorsBytes bytes, int inFeatures, int topK) throws IOException {
    try (Safetensors file = Safetensors.open(bytes.write(directory.resolve("weights")))) {
      PyTorchWeights weights = PyTorchWeights.find(file);
      Path version =
          OutputLayerExporter.builder(weights.layer()::build)
              .topK(topK)
              .build()
              .publish(model(), weights.source(file));
      return new ServedLayer(version, inFeatures);
    }
  }

  private static float[] floats(double[] values) {
    float[] result = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = (float) values[i];
    }
    return result;
  }

  private static long[] longs(double[] values) {
    return Arrays.stream(values).mapToLong(value -> (long) value).toArray();
  }
}
