package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.export.TinyTextClassifier;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.pytorch.PyTorchModule;
import org.adaptivesoftmax.pytorch.SafetensorsType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The commands that read a language model, on directories that hold none, or a broken one: one line and exit code 2. */
class BrokenModelCommandsTest {
  private static final String CUT = "model version cannot be loaded, is it complete? DIR/1: ";
  private static final String OTHER = "not a language model, as it has no signature ";

  @TempDir static Path directory;

  @BeforeAll
  static void export() throws IOException {
    Files.writeString(directory.resolve("texts.txt"), "the quick\n");
    Path whole = TinyLanguageModel.save(directory, Softmax.ADAPTIVE).export(directory).base();
    Files.createDirectory(directory.resolve("empty"));
    Files.createDirectories(directory.resolve("names/latest"));
    Files.createDirectories(directory.resolve("hollow/1"));
    cut(whole, "cut-graph", "saved_model.pb");
    cut(whole, "cut-index", "variables/variables.index");
    cut(whole, "cut-weights", "variables/variables.data-00000-of-00001");
    cut(whole, "cut-words", "assets/vocabulary.txt");
    Files.delete(copy(whole, "no-weights").resolve("1/variables/variables.index"));
    Path weights = directory.resolve("weights.safetensors");
    new PyTorchModule(ClusterPlan.of(16, 14, 3, 7), 5)
        .safetensors("", SafetensorsType.F32)
        .write(weights);
    String layer = directory.resolve("layer").toString();
    assertThat(
            CommandRun.of("import-pytorch", "--weights", weights.toString(), "--out", layer).code())
        .isZero();
    Path texts = Files.createDirectory(directory.resolve("of-texts"));
    Path classifier = TinyTextClassifier.save(texts).export(texts).getParent();
    Files.move(classifier, directory.resolve("classifier"));
  }

  private static Path copy(Path model, String name) throws IOException {
    return CopiedTree.of(model, directory.resolve(name));
  }

  private static void cut(Path model, String name, String file) throws IOException {
    Path copy = copy(model, name).resolve("1").resolve(file);
    try (RandomAccessFile bytes = new RandomAccessFile(copy.toFile(), "rw")) {
      bytes.setLength(bytes.length() / 2);
    }
  }

  static Stream<Arguments> badDirectoriesAreOneLine() {
    List<String> commands =
        List.of(
            "complete --model DIR --text a",
            "complete --model DIR --text a --sample 1",
            "complete --model DIR --text a --beam 2",
            "evaluate --model DIR --corpus TEXTS",
            "serve --model DIR --port 0 --grpc-port 0");
    List<List<String>> directories =
        List.of(
            List.of("none", "no such model directory: DIR"),
            List.of("texts.txt", "no such model directory: DIR"),
            List.of(
                "empty",
                "model directory has no version, a subdirectory with an integer name: DIR"),
            List.of(
                "names",
                "model directory has no version, a subdirectory with an integer name: DIR"),
            List.of("hollow", "model version has no saved_model.pb: DIR/1"),
            List.of("no-weights", "model version has no weights, is it complete? DIR/1"),
            List.of("cut-graph", CUT),
            List.of("cut-index", CUT),
            List.of("cut-weights", CUT),
            List.of("cut-words", CUT),
            List.of("layer", OTHER),
            List.of("classifier", OTHER));
    return commands.stream()
        .flatMap(
            command ->
                directories.stream()
                    // A server takes models of every kind.
                    .filter(bad -> !(command.startsWith("serve") && bad.get(1).equals(OTHER)))
                    .map(bad -> Arguments.of(command, bad.get(0), bad.get(1))));
  }

  @ParameterizedTest
  @MethodSource
  void badDirectoriesAreOneLine(String command, String model, String message) {
    String path = directory.resolve(model).toString();
    String texts = directory.resolve("texts.txt").toString();
    CommandRun run =
        CommandRun.of(command.replace("DIR", path).replace("TEXTS", texts).split(" ", -1));
    assertThat(run.err())
        .startsWith("adaptive-softmax: " + message.replace("DIR", path))
        .contains(path)
        .containsOnlyOnce("\n");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
  }
}
