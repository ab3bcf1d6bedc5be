package org.adaptivesoftmax.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.TensorFlow;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/** Versions that would do more than compute, each made from a sample model by a few changes of its graph. */
class GraphSafetyTest {
  private static final Path SAMPLES = Path.of("savedmodels/samples");
  private static final Path OPERATIONS = Path.of("src/test/resources/savedmodel/operations.tsv");
  private static final String INIT = "vocabulary/init";
  private static final String FILL = "vocabulary/InitializeTableFromTextFile";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  @SuppressWarnings("NullAway.Init")
  private Path version;

  @BeforeEach
  void copySample() throws IOException {
    version = directory.resolve("model/1");
    Path sample = SAMPLES.resolve("language-model/1");
    try (Stream<Path> paths = Files.walk(sample)) {
      for (Path path : paths.toList()) {
        Path copy = version.resolve(sample.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(path, copy);
        }
      }
    }
  }

  private void change(Consumer<MetaGraphDef.Builder> change) throws IOException {
    Path file = version.resolve("saved_model.pb");
    SavedModel.Builder model = SavedModel.parseFrom(Files.readAllBytes(file)).toBuilder();
    change.accept(model.getMetaGraphsBuilder(0));
    Files.write(file, model.build().toByteArray());
  }

  private static NodeDef.Builder node(MetaGraphDef.Builder model, String name) {
    return model.getGraphDefBuilder().getNodeBuilderList().stream()
        .filter(node -> node.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static NodeDef text(String name, String value) {
    return NodeDef.newBuilder()
        .setName(name)
        .setOp("Const")
        .putAttr("dtype", AttrValue.newBuilder().setType(DataType.DT_STRING).build())
        .putAttr(
            "value",
            AttrValue.newBuilder()
                .setTensor(
                    TensorProto.newBuilder()
                        .setDtype(DataType.DT_STRING)
                        .setTensorShape(TensorShapeProto.getDefaultInstance())
                        .addStringVal(ByteString.copyFromUtf8(value)))
                .build())
        .build();
  }

  private static void add(MetaGraphDef.Builder model, NodeDef... nodes) {
    model.getGraphDefBuilder().addAllNode(List.of(nodes));
  }

  private static NodeDef op(String name, String op, String... inputs) {
    return NodeDef.newBuilder().setName(name).setOp(op).addAllInput(List.of(inputs)).build();
  }

  private void assertRefused(String... words) {
    assertThatThrownBy(() -> VersionBundle.load(version))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(words)
        .hasMessageContaining(version.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"output-layer", "language-model", "classifier"})
  void whatThisLibraryExportsIsLoaded(String sample) {
    assertThatCode(() -> GraphSafety.check(SAMPLES.resolve(sample).resolve("1")))
        .doesNotThrowAnyException();
  }

  @Test
  void anInitOpThatWritesAFileWritesNone() throws IOException {
    Path written = directory.resolve("written");
    change(
        model -> {
          add(
              model,
              text("w/name", written.toString()),
              text("w/text", "x"),
              op("w/write", "WriteFile", "w/name", "w/text"));
          node(model, INIT).addInput("^w/write");
        });
    assertRefused("op WriteFile (node w/write)", "unless the model is trusted");
    assertThatThrownBy(() -> PublishedVersion.check(new ModelDirectory(directory.resolve("model"))))
        .hasMessageContaining("op WriteFile");
    assertThat(written).doesNotExist();
    VersionBundle.load(version, true).close();
    assertThat(written).hasContent("x");
  }

  @Test
  void anOpInAFunctionIsFound() throws IOException {
    FunctionDef reads =
        FunctionDef.newBuilder()
            .setSignature(OpDef.newBuilder().setName("innocent"))
            .addNodeDef(op("read", "ReadFile", "name"))
            .build();
    change(model -> model.getGraphDefBuilder().getLibraryBuilder().addFunction(reads));
    assertRefused("op ReadFile (node read)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../secret", "a/b", "..", "", "/etc/passwd", "a\\b"})
  void anAssetHasAPlainName(String name) throws IOException {
    Files.writeString(version.resolve("secret"), "line\n");
    change(model -> model.getAssetFileDefBuilder(0).setFilename(name));
    assertRefused("not a plain file name", "\"" + name + "\"");
    assertThatThrownBy(() -> PublishedVersion.read(new ModelDirectory(directory.resolve("model"))))
        .hasMessageContaining("not a plain file name");
  }

  @ParameterizedTest
  @ValueSource(longs = {1L << 31, -3, Long.MAX_VALUE, 100_000})
  void aTableIsNotFilledFromAnImpossibleColumn(long column) throws IOException {
    change(
        model ->
            node(model, FILL)
                .putAttr("value_index", AttrValue.newBuilder().setI(column).build())
                .removeAttr("vocab_size"));
    assertRefused("op InitializeTableFromTextFileV2", "value_index " + column);
  }

  @Test
  void aTableReadsAnAssetAlone() throws IOException {
    change(
        model -> {
          add(model, text("other", "/etc/passwd"));
          node(model, FILL).setInput(1, "other");
        });
    assertRefused("op InitializeTableFromTextFileV2", "another file than the loader gives");
  }

  @Test
  void aFunctionMayReadWhatItIsGivenAndNoOtherPath() throws IOException {
    FunctionDef fills =
        FunctionDef.newBuilder()
            .setSignature(
                OpDef.newBuilder()
                    .setName("fills")
                    .addInputArg(OpDef.ArgDef.newBuilder().setName("path")))
            .addNodeDef(op("fill", "InitializeTableFromTextFileV2", "table", "path"))
            .build();
    AttrValue function =
        AttrValue.newBuilder().setFunc(NameAttrList.newBuilder().setName("fills")).build();
    change(
        model -> {
          model.getGraphDefBuilder().getLibraryBuilder().addFunction(fills);
          add(
              model,
              text("other", "/etc/passwd"),
              op("call", "StatefulPartitionedCall", "vocabulary/path").toBuilder()
                  .putAttr("f", function)
                  .build());
          node(model, INIT).addInput("^call");
        });
    assertThatCode(() -> GraphSafety.check(version)).doesNotThrowAnyException();
    change(model -> node(model, "call").setInput(0, "other"));
    assertRefused("op InitializeTableFromTextFileV2 (node fill)", "another file");
  }

  @Test
  void aRequestNeitherLoadsNorSaves() throws IOException {
    String output = "__output__";
    Path file = version.resolve("saved_model.pb");
    byte[] sample = Files.readAllBytes(file);
    for (String reached : List.of("save/Save", "save/Restore", FILL)) {
      Files.write(file, sample);
      change(
          model -> {
            add(model, op(output, "NoOp", "^" + reached));
            model
                .getSignatureDefMap()
                .get("score")
                .getOutputsMap()
                .values()
                .forEach(tensor -> node(model, name(tensor.getName())).addInput("^" + output));
          });
      assertRefused("(node " + reached + ")");
    }
  }

  private static String name(String tensor) {
    return tensor.substring(0, tensor.indexOf(':'));
  }

  @Test
  void weightsComeFromTheVersionAlone() throws IOException {
    change(
        model -> {
          add(model, text("other", "/some/model/variables"));
          node(model, "save/Restore").setInput(0, "other");
        });
    assertRefused("op RestoreV2 (node save/Restore)", "another file than the loader gives");
  }

  @Test
  void anOpThatWaitsForItselfIsRefused() throws IOException {
    change(
        model -> {
          add(model, op("a", "Identity", "b"), op("b", "Identity", "a:0"));
          node(model, INIT).addInput("^a");
        });
    assertRefused("op Identity (node ", "waits for itself");
  }

  @Test
  void aLoopIsNoOpThatWaitsForItself() throws IOException {
    change(
        model ->
            add(
                model,
                op("merge", "Merge", "start", "next"),
                op("start", "Enter", "vocabulary/path"),
                op("next", "NextIteration", "merge")));
    assertThatCode(() -> GraphSafety.check(version)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"variables/variables.index", "saved_model.pb", "assets/pipe"})
  @EnabledOnOs(OS.LINUX)
  @Timeout(60)
  void aPipeIsNotWaitedFor(String file) throws Exception {
    Path pipe = version.resolve(file);
    Files.deleteIfExists(pipe);
    new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();
    for (boolean trusted : new boolean[] {false, true}) {
      assertThatThrownBy(() -> VersionBundle.load(version, trusted))
          .hasMessage("not a regular file: " + pipe);
    }
    ModelDirectory model = new ModelDirectory(directory.resolve("model"));
    assertThatThrownBy(() -> PublishedVersion.check(model))
        .hasMessage("not a regular file: " + pipe);
  }

  @Test
  void aSecondDescriptionIsRefused() throws IOException {
    Files.writeString(version.resolve("saved_model.cpb"), "x");
    assertRefused("saved_model.cpb");
  }

  /**
   * Every operation of this TensorFlow is in a list, by hand: what can touch files, processes or the network is refused. An
   * operation that a new version brings fails this test until somebody has looked at it.
   */
  @Test
  void everyRegisteredOperationWasLookedAt() throws IOException {
    Map<String, String> known = operations();
    Map<String, String> found = new TreeMap<>();
    for (OpDef op : TensorFlow.registeredOpList().getOpList()) {
      if (!op.getName().startsWith("_")) { // those are refused, whatever they are
        found.put(op.getName(), isRefused(op.getName()) ? "refused" : "computes");
      }
    }
    assertThat(found).as("operations and %s", OPERATIONS).isEqualTo(known);
  }

  private static Map<String, String> operations() throws IOException {
    Map<String, String> known = new TreeMap<>();
    for (String line : Files.readAllLines(OPERATIONS)) {
      if (!line.startsWith("#")) {
        String[] columns = line.split("\t", -1);
        assertThat(known.put(columns[0], columns[1])).isNull();
      }
    }
    return known;
  }

  private boolean isRefused(String op) throws IOException {
    write(GraphDef.newBuilder().addNode(op("some", op)).build());
    try {
      GraphSafety.check(version);
      return false;
    } catch (IllegalArgumentException e) {
      assertThat(e)
          .hasMessageContaining(
              "op " + op + " (node some) can touch files, processes or the network");
      return true;
    }
  }

  private void write(GraphDef graph) throws IOException {
    Files.write(
        version.resolve("saved_model.pb"),
        SavedModel.newBuilder()
            .addMetaGraphs(MetaGraphDef.newBuilder().setGraphDef(graph))
            .build()
            .toByteArray());
  }

  /** By what TensorFlow itself tells about its operations: those with an argument that names a path or an address. */
  @Test
  void everyRegisteredOperationThatTakesAPathIsRefused() throws IOException {
    // Where a loader needs it; or what is an option, a key of a region in memory or a number.
    Set<String> harmless =
        Set.of("RestoreV2", "SaveV2", "MergeV2Checkpoints", "CTCBeamSearchDecoder");
    List<String> dangerous =
        TensorFlow.registeredOpList().getOpList().stream()
            .filter(
                op ->
                    Stream.concat(
                            op.getInputArgList().stream().map(OpDef.ArgDef::getName),
                            op.getAttrList().stream().map(OpDef.AttrDef::getName))
                        .anyMatch(
                            name ->
                                name.matches(
                                    ".*(file|path|address|url|prefix|directory|shard_dir|logdir"
                                        + "|memory_region|descriptor_source|output_stream"
                                        + "|target_name|source_name).*")))
            .map(OpDef::getName)
            .filter(op -> !op.startsWith("InitializeTableFromTextFile") && !harmless.contains(op))
            .toList();
    assertThat(dangerous).hasSizeGreaterThan(50).contains("ReadFile", "DataServiceDatasetV4");
    for (String op : dangerous) {
      GraphDef graph = GraphDef.newBuilder().addNode(op("some", op)).build();
      write(graph);
      assertRefused("op " + op + " (node some)");
    }
  }
}
