package org.adaptivesoftmax.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.TensorFlow;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

class SavedModelPublisherTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  /** Looks words up in a vocabulary asset and gives the value that a variable holds for each. */
  private static final class WordValues implements AutoCloseable {
    private final Graph graph = new Graph();
    private final Session session;
    private final Operand<TString> vocabularyPath;
    private final Op initOp;
    private final Signature signature;

    WordValues(float... values) {
      Ops tf = Ops.create(graph);
      Variable<TFloat32> variable =
          tf.withName("values").variable(Shape.of(values.length), TFloat32.class);
      Op assign = tf.withName("assign_values").assign(variable, tf.constant(values));
      vocabularyPath = tf.withName("vocabulary_path").constant("vocabulary.txt");
      var table = tf.hashTable(TString.class, TInt64.class);
      initOp = tf.initializeTableFromTextFile(table, vocabularyPath, -2L, -1L);
      Placeholder<TString> words = tf.placeholder(TString.class, Placeholder.shape(Shape.of(-1)));
      var ids = tf.lookupTableFind(table, words, tf.constant(0L));
      var found = tf.gather(variable, ids, tf.constant(0));
      signature =
          ServingSignature.predict(Signature.DEFAULT_KEY)
              .input("words", words)
              .output("values", found)
              .build();
      session = new Session(graph);
      session.run(assign);
    }

    SavedModelPublisher.Builder publisher() {
      return SavedModelPublisher.builder(session)
          .signature(signature)
          .asset(vocabularyPath, "vocabulary.txt", out -> out.write(bytes("<unk>\nred\ngreen\n")))
          .initOp(initOp);
    }

    @Override
    public void close() {
      session.close();
      graph.close();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aMovedModelStillFindsItsAsset() throws IOException {
    Path moved;
    try (WordValues words = new WordValues(-1, 10, 20)) {
      Path version = words.publisher().build().publish(model("model"));
      assertThat(version).isEqualTo(directory.resolve("model/1"));
      moved = Files.move(directory.resolve("model"), directory.resolve("elsewhere"));
    }
    Path version = new ModelDirectory(moved).highestVersion();
    assertThat(values(version, "green", "blue", "red")).containsExactly(20f, -1f, 10f);
  }

  private static List<Float> values(Path version, String... words) {
    try (SavedModelBundle bundle = SavedModelBundle.load(version.toString());
        TString input = TString.vectorOf(words);
        Result result = bundle.function(Signature.DEFAULT_KEY).call(Map.of("words", input))) {
      TFloat32 values = (TFloat32) result.get("values").orElseThrow();
      return Stream.iterate(0L, i -> i + 1).limit(values.size()).map(values::getFloat).toList();
    }
  }

  @Test
  void completesTheProto() throws IOException {
    Path version;
    try (WordValues words = new WordValues(-1, 10, 20)) {
      version =
          words
              .publisher()
              .provenance(Map.of("library", "test", "cutoffs", List.of(1, 2)))
              .build()
              .publish(model("model"));
    }
    SavedModel model;
    try (InputStream in = Files.newInputStream(version.resolve("saved_model.pb"))) {
      model = SavedModel.parseFrom(in);
    }
    assertThat(model.getSavedModelSchemaVersion()).isEqualTo(1);
    assertThat(model.getMetaGraphsCount()).isEqualTo(1);
    MetaGraphDef metaGraph = model.getMetaGraphs(0);
    assertThat(metaGraph.getMetaInfoDef().getTensorflowVersion()).isEqualTo(TensorFlow.version());
    assertThat(metaGraph.getMetaInfoDef().getTagsList()).containsExactly("serve");
    assertThat(metaGraph.getMetaInfoDef().getStrippedDefaultAttrs()).isTrue();
    assertThat(metaGraph.getMetaInfoDef().getStrippedOpList().getOpList())
        .extracting(OpDef::getName)
        .isSorted()
        .doesNotHaveDuplicates()
        .containsAll(
            metaGraph.getGraphDef().getNodeList().stream().map(NodeDef::getOp).distinct().toList());
    assertThat(metaGraph.getGraphDef().getNodeList())
        .filteredOn(node -> node.getOp().equals("VariableV2"))
        .allSatisfy(
            node ->
                assertThat(node.getAttrMap())
                    .as("not the default name of its container, but its shape")
                    .containsKeys("shape", "dtype")
                    .doesNotContainKey("container"));
    assertThat(metaGraph.getAssetFileDef(0).getFilename()).isEqualTo("vocabulary.txt");
    assertThat(metaGraph.getAssetFileDef(0).getTensorInfo().getName())
        .isEqualTo("vocabulary_path:0");
    assertThat(metaGraph.getSignatureDefOrThrow("serving_default").getMethodName())
        .isEqualTo("tensorflow/serving/predict");
    assertThat(metaGraph.getGraphDef().getNodeList())
        .extracting(NodeDef::getOp)
        .contains("VariableV2", "LookupTableFindV2", "InitializeTableFromTextFileV2", "RestoreV2");
    assertThat(metaGraph.getGraphDef().getNodeList())
        .as("the assignment of the values is not needed any more")
        .extracting(NodeDef::getName)
        .doesNotContain("assign_values")
        .contains("values");
    assertThat(model.toString()).doesNotContain(directory.toString());
    assertThat(version.resolve("assets/vocabulary.txt")).hasContent("<unk>\nred\ngreen\n");
    assertThat(Files.readString(version.resolve("assets.extra/provenance.json")))
        .contains(
            "\"library\" : \"test\"",
            "\"cutoffs\" : [ 1, 2 ]",
            "\"weights_sha256\" : \"" + Fingerprint.WEIGHTS.of(version) + "\"");
  }

  @Test
  void publishesConcurrently() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try (WordValues tens = new WordValues(-1, 10, 20);
        WordValues hundreds = new WordValues(-1, 100, 200)) {
      SavedModelPublisher first = tens.publisher().build();
      SavedModelPublisher second = hundreds.publisher().build();
      for (int round = 0; round < 5; round++) {
        Future<Path> ten = pool.submit(() -> first.publish(model("model")));
        Future<Path> hundred = pool.submit(() -> second.publish(model("model")));
        assertThat(values(ten.get(), "red")).containsExactly(10f);
        assertThat(values(hundred.get(), "red")).containsExactly(100f);
      }
    } finally {
      pool.shutdown();
    }
    try (Stream<Path> versions = Files.list(directory.resolve("model"))) {
      assertThat(versions).hasSize(10);
    }
  }

  @Test
  void aFailureLeavesNothing() {
    try (WordValues words = new WordValues(-1, 10, 20)) {
      SavedModelPublisher.Builder builder =
          words
              .publisher()
              .asset(
                  words.vocabularyPath,
                  "more.txt",
                  out -> {
                    throw new IOException("no more");
                  });
      assertThatThrownBy(() -> builder.build().publish(model("model"))).hasMessage("no more");
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aFailureOfTheSaverLeavesNothing() {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Variable<TFloat32> neverAssigned = tf.variable(Shape.of(2), TFloat32.class);
      SavedModelPublisher publisher =
          SavedModelPublisher.builder(session)
              .signature(ServingSignature.predict("x").output("y", neverAssigned).build())
              .build();
      assertThatThrownBy(() -> publisher.publish(model("model")))
          .hasMessageContaining("uninitialized");
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aFileGoesWithTheModelAndReplacesNoneOfItsOwn() throws IOException {
    try (WordValues words = new WordValues(1)) {
      Path version =
          words.publisher().extra("ids.tsv", out -> out.write('x')).build().publish(model("model"));
      assertThat(version.resolve("assets.extra/ids.tsv")).hasContent("x");
      assertThatThrownBy(() -> words.publisher().extra("../x", out -> {}))
          .hasMessage("extra file name must be a plain name: \"../x\"");
      assertThatThrownBy(
              () -> words.publisher().extra("x", out -> {}).extra("x", out -> out.write('y')))
          .hasMessage("extra file name is taken: x");
      SavedModelPublisher ownName =
          words.publisher().extra("weights.sha256", out -> out.write('x')).build();
      assertThatThrownBy(() -> ownName.publish(model("other")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("extra file name is taken: weights.sha256");
      assertThat(directory.resolve("other")).doesNotExist();
    }
  }

  @Test
  void refusesBadArguments() throws IOException {
    Path source = Files.writeString(directory.resolve("vocabulary.txt"), "x");
    try (WordValues words = new WordValues(1);
        WordValues other = new WordValues(1)) {
      SavedModelPublisher.Builder builder = words.publisher();
      assertThatThrownBy(() -> builder.signature(words.signature))
          .hasMessage("signature key is taken: serving_default");
      assertThatThrownBy(() -> builder.signature(Signature.builder("x").build()))
          .hasMessage("signature x: method name must be one of ServingSignature's: \"x\"");
      assertThatThrownBy(() -> builder.asset(words.vocabularyPath, source))
          .hasMessage("asset name is taken: vocabulary.txt");
      assertThatThrownBy(() -> builder.asset(words.vocabularyPath, directory))
          .hasMessage("asset must be a file: " + directory);
      assertThatThrownBy(() -> builder.asset(words.vocabularyPath, "../x", out -> {}))
          .hasMessage("asset file name must be a plain name: \"../x\"");
      assertThatThrownBy(() -> SavedModelPublisher.builder(other.session).build())
          .hasMessage("signatures must not be empty");
    }
  }

  private ModelDirectory model(String name) {
    return new ModelDirectory(directory.resolve(name));
  }
}
