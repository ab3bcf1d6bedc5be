package org.adaptivesoftmax.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.export.LanguageModelExporter;
import org.adaptivesoftmax.export.OutputLayerExporter;
import org.adaptivesoftmax.export.ServedSignature;
import org.adaptivesoftmax.export.ServedSignature.Answer;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.export.TinyTextClassifier;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.proto.ClassificationRequest;
import org.adaptivesoftmax.proto.PredictRequest;
import org.adaptivesoftmax.proto.PredictionLog;
import org.adaptivesoftmax.pytorch.PyTorchModule;
import org.adaptivesoftmax.pytorch.PyTorchWeights;
import org.adaptivesoftmax.pytorch.Safetensors;
import org.adaptivesoftmax.pytorch.SafetensorsType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Signature;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/** TensorFlow Serving's rules, for every signature of every kind of export. */
class TensorFlowServingContractTest {
  private static final String SIGNATURES =
      "org.adaptivesoftmax.savedmodel.TensorFlowServingContractTest#signatures";
  private static final String EXPORTS =
      "org.adaptivesoftmax.savedmodel.TensorFlowServingContractTest#exports";
  private static final Set<String> METHODS =
      Set.of("tensorflow/serving/predict", "tensorflow/serving/classify");

  private static final List<Export> EXPORTED = new ArrayList<>();

  /** A loaded export. */
  private record Export(String kind, Path version, SavedModelBundle bundle) {
    /** Those that answer requests. */
    Stream<ServedSignature> signatures() {
      return new TreeMap<>(metaGraph().getSignatureDefMap())
          .entrySet().stream()
              .filter(signature -> !signature.getKey().startsWith("__"))
              .map(entry -> new ServedSignature(kind, entry.getKey(), entry.getValue(), bundle));
    }

    MetaGraphDef metaGraph() {
      return bundle.metaGraphDef();
    }

    @Override
    public String toString() {
      return kind;
    }
  }

  @BeforeAll
  static void export(@TempDir Path directory) throws IOException {
    for (TailWeights form : TailWeights.values()) {
      Path base = directory.resolve("layer " + form);
      add("output layer, " + form, exportLayer(new ModelDirectory(base), form));
    }
    for (Softmax softmax : Softmax.values()) {
      Path own = Files.createDirectory(directory.resolve(softmax.name()));
      TinyLanguageModel tiny = TinyLanguageModel.save(own, softmax);
      for (TailWeights form : TailWeights.values()) {
        if (softmax == Softmax.ADAPTIVE || form == TailWeights.FLOAT32) {
          Path version =
              LanguageModelExporter.builder(tiny.configuration(), tiny.vocabulary())
                  .topK(3)
                  .tailWeights(form)
                  .build()
                  .publish(new ModelDirectory(own.resolve("exported " + form)), tiny.weights());
          add("language model, %s, %s".formatted(softmax, form), version);
        }
      }
    }
    Path own = Files.createDirectory(directory.resolve("classifier"));
    add("classifier", TinyTextClassifier.save(own).export(own));
  }

  private static void add(String kind, Path version) {
    EXPORTED.add(new Export(kind, version, SavedModelBundle.load(version.toString(), "serve")));
  }

  private static Path exportLayer(ModelDirectory model, TailWeights form) throws IOException {
    Path file = Files.createTempFile("weights", ".safetensors");
    try {
      new PyTorchModule(ClusterPlan.of(16, ServedSignature.CLASSES, 3, 7), 1)
          .safetensors("", SafetensorsType.F32)
          .write(file);
      try (Safetensors opened = Safetensors.open(file)) {
        PyTorchWeights weights = PyTorchWeights.find(opened);
        return OutputLayerExporter.builder(weights.layer()::build)
            .tailWeights(form)
            .build()
            .publish(model, weights.source(opened));
      }
    } finally {
      Files.delete(file);
    }
  }

  @AfterAll
  static void close() {
    EXPORTED.forEach(export -> export.bundle.close());
    EXPORTED.clear();
  }

  static Stream<Export> exports() {
    return EXPORTED.stream();
  }

  static Stream<ServedSignature> signatures() {
    return EXPORTED.stream().flatMap(Export::signatures);
  }

  /** {@code <base>/<integer>/saved_model.pb}; the server takes every integer for a version, and ignores other names. */
  @Nested
  class VersionDirectory {
    @ParameterizedTest
    @MethodSource(EXPORTS)
    void isAnIntegerWithTheModelInIt(Export export) throws IOException {
      assertThat(export.version.getFileName()).hasToString("1");
      assertThat(export.version.resolve("saved_model.pb")).isRegularFile();
      assertThat(export.version.resolve("variables/variables.index")).isRegularFile();
      try (Stream<Path> beside = Files.list(export.version.getParent())) {
        assertThat(beside).containsExactly(export.version);
      }
    }

    @Test
    void isFollowedByTheNextInteger(@TempDir Path base) throws IOException {
      ModelDirectory model = new ModelDirectory(base.resolve("model"));
      Path first = exportLayer(model, TailWeights.FLOAT32);
      byte[] before = Files.readAllBytes(first.resolve("saved_model.pb"));
      assertThat(exportLayer(model, TailWeights.INT8).getFileName()).hasToString("2");
      assertThat(first.resolve("saved_model.pb")).hasBinaryContent(before);
    }

    @ParameterizedTest
    @MethodSource(EXPORTS)
    void holdsOneGraphWithTheTagServe(Export export) throws IOException {
      SavedModel model =
          SavedModel.parseFrom(Files.readAllBytes(export.version.resolve("saved_model.pb")));
      assertThat(model.getMetaGraphsList()).hasSize(1);
      assertThat(model.getMetaGraphs(0).getMetaInfoDef().getTagsList()).containsExactly("serve");
    }
  }

  @Nested
  class Signatures {
    @ParameterizedTest
    @MethodSource(EXPORTS)
    void haveADefault(Export export) {
      assertThat(export.signatures().map(ServedSignature::key)).contains(Signature.DEFAULT_KEY);
    }

    @ParameterizedTest
    @MethodSource(SIGNATURES)
    void haveTheMethodNameOfAnApi(ServedSignature signature) {
      assertThat(METHODS).contains(signature.definition().getMethodName());
    }

    @Test
    void ofClassifyHaveItsShapesAndTypes() {
      List<ServedSignature> classify =
          signatures()
              .filter(some -> some.definition().getMethodName().endsWith("/classify"))
              .toList();
      assertThat(classify).hasSize(1);
      SignatureDef definition = classify.get(0).definition();
      assertThat(definition.getInputsMap()).containsOnlyKeys("inputs");
      assertThat(definition.getInputsOrThrow("inputs").getDtype()).isEqualTo(DataType.DT_STRING);
      assertThat(definition.getOutputsMap()).containsOnlyKeys("classes", "scores");
      TensorInfo classes = definition.getOutputsOrThrow("classes");
      TensorInfo scores = definition.getOutputsOrThrow("scores");
      assertThat(classes.getDtype()).isEqualTo(DataType.DT_STRING);
      assertThat(scores.getDtype()).isEqualTo(DataType.DT_FLOAT);
      assertThat(classes.getTensorShape().getDimCount()).isEqualTo(2);
      assertThat(classes.getTensorShape()).isEqualTo(scores.getTensorShape());
    }
  }

  /** With batching on, the server joins requests along dimension 0, pads with a row of the batch, and splits the answers. */
  @Nested
  class Batching {
    @ParameterizedTest
    @MethodSource(SIGNATURES)
    void findsTheBatchInDimension0OfEveryTensorAndNowhereElse(ServedSignature signature) {
      SignatureDef definition = signature.definition();
      assertThat(definition.getInputsMap()).isNotEmpty();
      assertThat(definition.getOutputsMap()).isNotEmpty();
      Stream.of(definition.getInputsMap(), definition.getOutputsMap())
          .flatMap(tensors -> tensors.entrySet().stream())
          .forEach(
              tensor -> {
                TensorShapeProto shape = tensor.getValue().getTensorShape();
                assertThat(shape.getUnknownRank()).as(tensor.getKey()).isFalse();
                List<Long> sizes =
                    shape.getDimList().stream().map(TensorShapeProto.Dim::getSize).toList();
                assertThat(sizes).as(tensor.getKey()).isNotEmpty().startsWith(-1L);
                assertThat(sizes.subList(1, sizes.size()))
                    .as(tensor.getKey())
                    .allMatch(size -> size > 0);
              });
    }

    @ParameterizedTest
    @MethodSource(SIGNATURES)
    void mayPadARequest(ServedSignature signature) {
      Map<String, Answer> alone = signature.call(0, 1, 2);
      for (int[] padded : new int[][] {{0, 1, 2, 0, 0, 0, 0, 0}, {0, 1, 2, 2}}) {
        signature
            .call(padded)
            .forEach((name, answer) -> assertSame(name, answer.rows(0, 3), alone.get(name)));
      }
    }

    @ParameterizedTest
    @MethodSource(SIGNATURES)
    void mayJoinAndSplitRequests(ServedSignature signature) {
      Map<String, Answer> first = signature.call(4, 3);
      Map<String, Answer> second = signature.call(5, 0, 1);
      signature
          .call(4, 3, 5, 0, 1)
          .forEach(
              (name, answer) -> {
                assertSame(name, answer.rows(0, 2), first.get(name));
                assertSame(name, answer.rows(2, 5), second.get(name));
              });
    }

    /** The server joins requests of several callers: one's fault is not the others'. */
    @ParameterizedTest
    @MethodSource(SIGNATURES)
    void mayHoldARowThatHasNoAnswer(ServedSignature signature) {
      int[] good = {1, 2, 3, 4, 5, 0, 1};
      int[] all = {0, 1, 2, 3, 4, 5, 0, 1};
      for (String bad : signature.fallibleInputs()) {
        Map<String, Answer> answers = signature.callAfterBad(bad, all);
        for (int i = 0; i < good.length; i++) {
          Map<String, Answer> alone = signature.call(good[i]);
          for (Map.Entry<String, Answer> answer : answers.entrySet()) {
            assertSame(
                answer.getKey(), answer.getValue().rows(i + 1, i + 2), alone.get(answer.getKey()));
          }
        }
        answers.forEach(
            (name, answer) ->
                assertThat(answer.rows(0, 1).values())
                    .as("%s of a bad %s", name, bad)
                    .allMatch(value -> List.of("", Float.NaN, -1L).contains(value)));
      }
    }

    @ParameterizedTest
    @MethodSource(SIGNATURES)
    void mayHaveAnEmptyBatch(ServedSignature signature) {
      signature
          .call()
          .forEach(
              (name, answer) -> {
                List<Long> sizes = new ArrayList<>();
                signature
                    .definition()
                    .getOutputsOrThrow(name)
                    .getTensorShape()
                    .getDimList()
                    .forEach(dim -> sizes.add(dim.getSize()));
                sizes.set(0, 0L);
                assertThat(answer.shape()).as(name).isEqualTo(sizes);
              });
    }

    private static void assertSame(String name, Answer actual, Answer expected) {
      assertThat(actual.shape()).as(name).isEqualTo(expected.shape());
      for (int i = 0; i < expected.values().size(); i++) {
        if (expected.values().get(i) instanceof Float number) {
          float tolerance = 1e-5f * Math.max(1, Math.abs(number));
          assertThat((Float) actual.values().get(i)).as(name).isCloseTo(number, within(tolerance));
        } else {
          assertThat(actual.values().get(i)).as(name).isEqualTo(expected.values().get(i));
        }
      }
    }
  }

  /** JSON has no infinity and no NaN: only a row that has no answer holds one. */
  @Nested
  class Json {
    @ParameterizedTest
    @MethodSource(SIGNATURES)
    void getsFiniteNumbers(ServedSignature signature) {
      int[] rows = IntStream.range(0, ServedSignature.ROWS).toArray();
      signature.call(rows).values().stream()
          .flatMap(answer -> answer.values().stream())
          .filter(Float.class::isInstance)
          .forEach(value -> assertThat((Float) value).isFinite());
    }

    @Test
    void getsNaNInTheRowAloneWhereALayersInputsAreNotFinite() {
      List<ServedSignature> ofTheLayer =
          signatures().filter(signature -> signature.kind().startsWith("output layer")).toList();
      assertThat(ofTheLayer).hasSize(4 * TailWeights.values().length);
      for (ServedSignature signature : ofTheLayer) {
        for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.MAX_VALUE}) {
          signature
              .callWith(value)
              .forEach(
                  (name, answer) -> {
                    assertThat(answer.rows(0, 1).values())
                        .as("%s of %s for %s", name, signature, value)
                        .allMatch(number -> List.of(Float.NaN, -1L).contains(number));
                    assertThat(answer.rows(1, 2).values())
                        .noneMatch(number -> List.of(Float.NaN, -1L).contains(number));
                  });
        }
      }
    }
  }

  /** On a CPU the server compiles with XLA only where a flag says so. */
  @Nested
  class Graph {
    @ParameterizedTest
    @MethodSource(EXPORTS)
    void needsNoXla(Export export) {
      List<NodeDef> nodes = new ArrayList<>(export.metaGraph().getGraphDef().getNodeList());
      export
          .metaGraph()
          .getGraphDef()
          .getLibrary()
          .getFunctionList()
          .forEach(function -> nodes.addAll(function.getNodeDefList()));
      assertThat(nodes).isNotEmpty();
      for (NodeDef node : nodes) {
        AttrValue mustCompile =
            node.getAttrOrDefault("_XlaMustCompile", AttrValue.getDefaultInstance());
        assertThat(mustCompile.getB()).as(node.getName()).isFalse();
        assertThat(node.getOp()).as(node.getName()).doesNotStartWith("Xla");
      }
    }

    @ParameterizedTest
    @MethodSource(EXPORTS)
    void drawsNoRandomNumbersOfItsOwn(Export export) {
      assertThat(export.metaGraph().getGraphDef().getNodeList())
          .noneMatch(
              node -> node.getOp().contains("Random") || node.getOp().contains("Multinomial"));
    }
  }

  /** The server runs these requests before it serves a version; one that fails keeps the version from being served. */
  @Nested
  class WarmUp {
    private static final int MOST = 1000;

    @ParameterizedTest
    @MethodSource(EXPORTS)
    void isAFileOfRequestsToEverySignature(Export export) throws IOException {
      List<PredictionLog> logs = logs(export);
      assertThat(logs).hasSizeBetween(1, MOST);
      Set<String> asked = new TreeSet<>();
      for (PredictionLog log : logs) {
        asked.add(log.hasClassifyLog() ? classify(export, log) : predict(export, log));
      }
      assertThat(asked)
          .containsExactlyInAnyOrderElementsOf(
              export.signatures().map(ServedSignature::key).toList());
    }

    private static String predict(Export export, PredictionLog log) {
      PredictRequest request = log.getPredictLog().getRequest();
      String key = request.getModelSpec().getSignatureName();
      assertThat(request.getInputsMap().keySet())
          .as(key)
          .isEqualTo(definition(export, key, "predict").getInputsMap().keySet());
      try (MessageTensors inputs = MessageTensors.of(request.getInputsMap());
          Result result = export.bundle.function(key).call(inputs.byName())) {
        assertThat(result.size()).as(key).isPositive();
      }
      return key;
    }

    private static String classify(Export export, PredictionLog log) {
      ClassificationRequest request = log.getClassifyLog().getRequest();
      String key = request.getModelSpec().getSignatureName();
      assertThat(definition(export, key, "classify").getInputsMap()).containsOnlyKeys("inputs");
      assertThat(request.getInput().getExampleList().getExamplesList()).isNotEmpty();
      return key;
    }

    private static SignatureDef definition(Export export, String key, String method) {
      SignatureDef definition = export.metaGraph().getSignatureDefOrThrow(key);
      assertThat(definition.getMethodName()).isEqualTo("tensorflow/serving/" + method);
      return definition;
    }

    /** The frames of a TFRecord file: length, its checksum, data, their checksum; {@code WarmUpTest} checks the sums. */
    private static List<PredictionLog> logs(Export export) throws IOException {
      Path file = export.version.resolve("assets.extra/tf_serving_warmup_requests");
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      List<PredictionLog> logs = new ArrayList<>();
      while (bytes.hasRemaining()) {
        byte[] data = new byte[Math.toIntExact(bytes.getLong())];
        bytes.getInt();
        bytes.get(data);
        bytes.getInt();
        logs.add(PredictionLog.parseFrom(data));
      }
      return logs;
    }
  }
}
