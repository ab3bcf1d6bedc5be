package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.SavedModelPublisher;
import org.adaptivesoftmax.savedmodel.ServingSignature;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.TensorFlow;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TFloat32;

@Tag("slow")
class InspectCommandTest {
  private static Path exported;

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private Path model;
  private Path version;

  @BeforeAll
  static void export(@TempDir Path temporary) throws IOException {
    exported = TinyLanguageModel.save(temporary, Softmax.ADAPTIVE).export(temporary).base();
  }

  @BeforeEach
  void copy() throws IOException {
    model = directory.resolve("model");
    version = model.resolve("1");
    try (Stream<Path> paths = Files.walk(exported)) {
      for (Path path : paths.toList()) {
        Files.copy(
            path, model.resolve(exported.relativize(path)), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  private CommandRun inspect(String... more) {
    List<String> args = new ArrayList<>(List.of("inspect", "--model", model.toString()));
    args.addAll(Arrays.asList(more));
    return CommandRun.of(args.toArray(String[]::new));
  }

  @Test
  void tellsWhatTheModelHolds() throws IOException {
    CommandRun run = inspect("--json");
    assertThat(run.err()).isEmpty();
    JsonNode json = JsonMapper.builder().build().readTree(run.out());
    assertThat(json.path("model").asText()).isEqualTo(version.toString());
    assertThat(json.path("versions").toString()).isEqualTo("[1]");
    assertThat(json.path("tensorflow").asText()).isEqualTo(TensorFlow.version());
    assertThat(json.path("tags").toString()).isEqualTo("[\"serve\"]");
    assertThat(json.path("cutoffs").toString()).isEqualTo("[6,15]");
    assertThat(json.path("signatures").path("score").toString())
        .isEqualTo(
            "{\"method\":\"tensorflow/serving/predict\","
                + "\"inputs\":{\"text\":{\"type\":\"string\",\"shape\":[-1]}},"
                + "\"outputs\":{\"log_probs\":{\"type\":\"float32\",\"shape\":[-1]},"
                + "\"words\":{\"type\":\"int64\",\"shape\":[-1]}}}");
    json.path("signatures")
        .fieldNames()
        .forEachRemaining(
            key ->
                assertThat(json.path("warm_up_requests").path(key).asInt()).as(key).isEqualTo(2));
    JsonNode head = json.path("variables").path("adaptive_softmax.head.weight");
    assertThat(head.toString()).isEqualTo("{\"type\":\"float32\",\"shape\":[8,8],\"bytes\":256}");
    long bytes = 0;
    for (JsonNode size : json.path("files")) {
      bytes += size.asLong();
    }
    assertThat(json.path("bytes").asLong()).isEqualTo(bytes);
    assertThat(json.path("files").path("assets/vocabulary.txt").asLong())
        .isEqualTo(Files.size(version.resolve("assets/vocabulary.txt")));
    assertThat(json.path("weights_sha256").asText())
        .isEqualTo(json.path("provenance").path("weights_sha256").asText())
        .hasSize(64);
  }

  @Test
  void writesItForAReader() {
    CommandRun run = inspect();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains(
            "  score, tensorflow/serving/predict, answers 2 warm-up requests and batches of 0 and 1",
            "    in   text string [?]",
            "    out  words int64 [?]",
            "float32 [8, 8], 256 bytes",
            ", fits");
  }

  private void assertFails(String message) {
    CommandRun run = inspect();
    assertThat(run.err()).startsWith("adaptive-softmax: ").contains(message).containsOnlyOnce("\n");
    assertThat(run.out()).isEmpty();
    assertThat(run.code()).isEqualTo(2);
  }

  private void cut(String file) throws IOException {
    Path path = version.resolve(file);
    byte[] bytes = Files.readAllBytes(path);
    Files.write(path, Arrays.copyOf(bytes, bytes.length / 2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "saved_model.pb",
        "variables/variables.index",
        "variables/variables.data-00000-of-00001",
        "assets.extra/tf_serving_warmup_requests",
        "assets.extra/weights.sha256",
        "assets.extra/provenance.json"
      })
  void aFileThatWasCutIsNamed(String file) throws IOException {
    cut(file);
    assertFails(version.toString());
    assertThat(inspect().err()).containsAnyOf(file, "fingerprint");
  }

  @Test
  void aCutFileOfWeightsIsFoundWithoutFingerprintToo() throws IOException {
    cut("variables/variables.data-00000-of-00001");
    Files.delete(version.resolve("assets.extra/weights.sha256"));
    Files.delete(version.resolve("assets.extra/files.sha256"));
    Files.delete(version.resolve("assets.extra/provenance.json"));
    assertFails("model version cannot be loaded, is it complete? " + version);
  }

  @Test
  void aCutVocabularyIsFound() throws IOException {
    cut("assets/vocabulary.txt");
    assertFails("files do not fit their fingerprint: " + version.resolve("assets/vocabulary.txt"));
    Files.delete(version.resolve("assets.extra/files.sha256"));
    assertFails("is it complete? " + version);
  }

  @Test
  void aMissingAssetIsNamed() throws IOException {
    Path asset = version.resolve("assets/vocabulary.txt");
    Files.delete(asset);
    assertFails("model version has no asset " + asset);
  }

  @Test
  void missingWeightsAreNamed() throws IOException {
    Path data = version.resolve("variables/variables.data-00000-of-00001");
    Files.delete(data);
    assertFails("weights are missing: " + data);
  }

  @Test
  void weightsOfAnotherModelAreFound() throws IOException {
    Path data = version.resolve("variables/variables.data-00000-of-00001");
    byte[] bytes = Files.readAllBytes(data);
    bytes[100]++;
    Files.write(data, bytes);
    assertFails("weights do not fit their fingerprint: " + data + " has SHA-256 ");
  }

  @Test
  void aDirectoryWithoutAVersionSaysSo() throws IOException {
    Files.move(version, model.resolve("old"));
    assertFails("model directory has no version, a subdirectory with an integer name: " + model);
  }

  @Test
  void aFileIsNoModelDirectory() throws IOException {
    model = Files.writeString(directory.resolve("file"), "x");
    assertFails("no such model directory: " + model);
  }

  /** One whose answer is one number, whatever the batch, or NaN for an empty or a negative input. */
  private void publish(boolean mean) throws IOException {
    model = directory.resolve("made");
    try (Graph graph = new Graph();
        Session session = new Session(graph);
        TFloat32 four = TFloat32.vectorOf(4, -9)) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> x =
          tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE)));
      tf.variable(tf.constant(1f));
      session.initialize();
      SavedModelPublisher.builder(session)
          .signature(
              ServingSignature.predict("root")
                  .input("x", x)
                  .output("y", mean ? tf.math.mean(x, tf.constant(0)) : tf.math.sqrt(x))
                  .build())
          .warmUp(Map.of("x", four))
          .build()
          .publish(new ModelDirectory(model));
    }
    version = model.resolve("1");
  }

  @Test
  void anAnswerWithoutTheBatchIsFound() throws IOException {
    publish(true);
    assertFails(version + ": signature root, a warm-up request: output y has no batch dimension");
  }

  @Test
  void anAnswerThatIsNotFiniteIsFound() throws IOException {
    publish(false);
    assertFails(version + ": signature root, a warm-up request: output y holds NaN");
  }

  private void change(String op, Consumer<NodeDef.Builder> change) throws IOException {
    Path file = version.resolve("saved_model.pb");
    SavedModel.Builder saved = SavedModel.parseFrom(Files.readAllBytes(file)).toBuilder();
    saved.getMetaGraphsBuilder(0).getGraphDefBuilder().getNodeBuilderList().stream()
        .filter(node -> node.getOp().equals(op))
        .forEach(change);
    Files.write(file, saved.build().toByteArray());
    Files.delete(version.resolve("assets.extra/files.sha256"));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aModelThatEndsItsProcessEndsNoOther() throws IOException {
    change(
        "InitializeTableFromTextFileV2",
        node -> node.putAttr("value_index", AttrValue.newBuilder().setI(1L << 31).build()));
    CommandRun run = inspect("--trust-model");
    assertThat(run.err())
        .isEqualTo(
            "adaptive-softmax: model version crashes the process that loads it, by SIGSEGV: "
                + version
                + "\n");
    assertThat(run.code()).isEqualTo(2);
  }

  @Test
  void aModelThatDoesNotAnswerIsNotWaitedForForEver() {
    CommandRun run = inspect("--timeout", "1");
    assertThat(run.err())
        .isEqualTo(
            "adaptive-softmax: model version does not answer within 1 s (--timeout): "
                + version
                + "\n");
    assertThat(run.code()).isEqualTo(2);
    assertThat(inspect("--timeout", "0").err())
        .isEqualTo("adaptive-softmax: --timeout must be at least 1: 0\n");
  }

  @Test
  void aChangedVocabularyIsFound() throws IOException {
    Path words = version.resolve("assets/vocabulary.txt");
    Files.writeString(words, Files.readString(words).replace("fox", "box"));
    assertFails("files do not fit their fingerprint: " + words + " has SHA-256 ");
  }

  @Test
  void aVersionBehindALinkIsReadAsAnyOther() throws IOException {
    Path elsewhere = directory.resolve("elsewhere");
    Files.move(version, elsewhere);
    Files.createSymbolicLink(version, elsewhere);
    assertThat(inspect().out()).contains("assets/vocabulary.txt").doesNotContain("files, 0 bytes");
  }

  @Test
  void anImpossibleShapeIsFound() throws IOException {
    TensorShapeProto.Dim dim = TensorShapeProto.Dim.newBuilder().setSize(1L << 32).build();
    TensorShapeProto shape = TensorShapeProto.newBuilder().addDim(dim).addDim(dim).build();
    change(
        "VariableV2",
        node -> node.putAttr("shape", AttrValue.newBuilder().setShape(shape).build()));
    assertFails("has an impossible shape: [4294967296, 4294967296]");
  }
}
