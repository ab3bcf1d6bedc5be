package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.export.ServedLayer;
import org.adaptivesoftmax.pytorch.PyTorchModule;
import org.adaptivesoftmax.pytorch.SafetensorsBytes;
import org.adaptivesoftmax.pytorch.SafetensorsType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.TensorFlow;

class ImportPyTorchCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final PyTorchModule MODULE = new PyTorchModule(ClusterPlan.of(16, 14, 3, 7), 5);
  private static final double[] INPUT = IntStream.range(1, 17).mapToDouble(Math::sin).toArray();

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  @SuppressWarnings("NullAway.Init")
  private Path weights;

  @SuppressWarnings("NullAway.Init")
  private Path out;

  @BeforeEach
  void writeWeights() throws IOException {
    weights = directory.resolve("weights.safetensors");
    out = directory.resolve("models").resolve("lm");
    MODULE.safetensors("lm.softmax.", SafetensorsType.F16).write(weights);
  }

  @Test
  void writesTheResultAsOneJsonObject() throws IOException {
    JsonNode result = importAsJson();
    assertThat(result.fieldNames())
        .toIterable()
        .containsExactly(
            "model",
            "in_features",
            "n_classes",
            "cutoffs",
            "div_value",
            "head_bias",
            "prefix",
            "parameters",
            "seconds");
    assertThat(result.get("model").asText()).isEqualTo(out.resolve("1").toString());
    assertThat(result.get("in_features").asInt()).isEqualTo(16);
    assertThat(result.get("n_classes").asInt()).isEqualTo(14);
    assertThat(result.get("cutoffs")).hasToString("[3,7]");
    assertThat(result.get("div_value").asDouble()).isEqualTo(4);
    assertThat(result.get("head_bias").asBoolean()).isTrue();
    assertThat(result.get("prefix").asText()).isEqualTo("lm.softmax.");
    assertThat(result.get("parameters").asLong()).isEqualTo(5 * 16 + 5 + 4 * 16 + 4 * 4 + 16 + 7);
    assertThat(result.get("seconds").asDouble()).isPositive();
    assertThat(importAsJson().get("model").asText()).isEqualTo(out.resolve("2").toString());
  }

  @Test
  void servesTheModuleWithTheRequestedTop() throws IOException {
    Path version = Path.of(importAsJson("--top", "14").get("model").asText());
    double[] expected = MODULE.logProb(INPUT);
    try (ServedLayer served = new ServedLayer(version, 16)) {
      double[] actual = served.logProb(INPUT).values();
      for (int i = 0; i < expected.length; i++) {
        assertThat(actual[i]).isCloseTo(expected[i], within(1e-4));
      }
      assertThat(served.topK(INPUT).get("classes").values()).hasSize(14);
    }
  }

  @Test
  void ranksClassIdsByTheOrderFile() throws IOException {
    List<Long> labels = IntStream.range(0, 14).mapToObj(rank -> 500L - 3L * rank).toList();
    Path order = writeLines(labels);
    Path version = Path.of(importAsJson("--class-order", order.toString()).get("model").asText());
    double[] byRank = MODULE.logProb(INPUT);
    try (ServedLayer served = new ServedLayer(version, 16)) {
      for (int rank = 0; rank < 14; rank++) {
        assertThat(served.score(INPUT, labels.get(rank)).values()[0])
            .isCloseTo(byRank[rank], within(1e-4));
      }
    }
  }

  @Test
  void tellsWhereTheModelComesFrom() throws Exception {
    importAsJson("--top", "4");
    JsonNode provenance = JSON.readTree(out.resolve("1/assets.extra/provenance.json").toFile());
    byte[] content = Files.readAllBytes(weights);
    JsonNode source = provenance.get("weights");
    assertThat(source.get("name").asText()).isEqualTo("weights.safetensors");
    assertThat(source.get("bytes").asLong()).isEqualTo(content.length);
    assertThat(source.get("sha256").asText())
        .isEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content)));
    assertThat(provenance.get("library").asText())
        .matches("tensorflow-adaptive-softmax \\d+\\.\\d+\\.\\d+.*");
    assertThat(provenance.get("tensorflow").asText()).isEqualTo(TensorFlow.version());
    assertThat(provenance.get("cutoffs")).hasToString("[3,7]");
    assertThat(provenance.get("top_k").asInt()).isEqualTo(4);
  }

  @Test
  void writesTheResultForAReader() {
    CommandRun run =
        CommandRun.of("import-pytorch", "--weights", weights.toString(), "--out", out.toString());
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("model        " + out.resolve("1"), "cutoffs      [3, 7]", "\"lm.softmax.\"");
  }

  @Test
  void measuresWhatTailWeightsSaveAndCost() throws IOException {
    JsonNode int8 = importAsJson("--tail-weights", "int8");
    Path version = Path.of(int8.get("model").asText());
    JsonNode cost = int8.get("tail_weights");
    assertThat(cost.fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder("form", "bytes", "float32_bytes", "largest_log_prob_change");
    assertThat(cost.get("form").asText()).isEqualTo("int8");
    assertThat(cost.get("bytes").asLong()).isEqualTo(bytes(version));
    assertThat(cost.get("largest_log_prob_change").asDouble()).isBetween(1e-4, 2.0);
    JsonNode provenance = JSON.readTree(version.resolve("assets.extra/provenance.json").toFile());
    assertThat(provenance.get("tail_weights").asText()).isEqualTo("int8");
    try (ServedLayer served = new ServedLayer(version, 16)) {
      double[] expected = MODULE.rounded(TailWeights.INT8).logProb(INPUT);
      assertThat(served.logProb(INPUT).values()).containsExactly(expected, within(1e-4));
    }
    // bfloat16 holds these weights exactly.
    JsonNode bfloat16 = importAsJson("--tail-weights", "bfloat16").get("tail_weights");
    assertThat(bfloat16.get("largest_log_prob_change").asDouble()).isZero();
    JsonNode float32 = importAsJson("--tail-weights", "float32");
    assertThat(float32.has("tail_weights")).isFalse();
    assertThat(cost.get("float32_bytes").asLong())
        .isEqualTo(bytes(Path.of(float32.get("model").asText())));
    String[] asText = {
      "import-pytorch", "--weights", weights + "", "--out", out + "", "--tail-weights", "int8"
    };
    assertThat(CommandRun.of(asText).out())
        .contains("tail weights int8: ", " bytes on disk, float32 ", "log-prob change");
  }

  private static long bytes(Path version) throws IOException {
    try (Stream<Path> files = Files.walk(version)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  @Test
  void aByteOrderMarkBeforeTheFirstClassIdIsSkipped() throws IOException {
    List<Long> labels = IntStream.range(0, 14).mapToObj(rank -> 14L - rank).toList();
    Path order = writeLines(labels);
    Files.writeString(order, "\uFEFF" + Files.readString(order));
    Path version = Path.of(importAsJson("--class-order", order.toString()).get("model").asText());
    try (ServedLayer served = new ServedLayer(version, 16)) {
      assertThat(served.score(INPUT, 14).values()[0])
          .isCloseTo(MODULE.logProb(INPUT)[0], within(1e-4));
    }
  }

  static Stream<Arguments> badArguments() {
    return Stream.of(
        Arguments.of("--top 0", "--top must be in 1..14, the classes in WEIGHTS: 0"),
        Arguments.of("--top 15", "--top must be in 1..14, the classes in WEIGHTS: 15"),
        Arguments.of("--top ten", "Invalid value for option '--top': 'ten' is not an int"),
        Arguments.of(
            "--class-order DIRECTORY/none",
            "Invalid value for option '--class-order': no such file: DIRECTORY/none"),
        Arguments.of(
            "--weights DIRECTORY",
            "Invalid value for option '--weights': is a directory: DIRECTORY"),
        Arguments.of(
            "--tail-weights INT4",
            "Invalid value for option '--tail-weights': must be one of float32, bfloat16, int8: INT4"),
        Arguments.of("--top 3 --top 4", "option '--top' (K) should be specified only once"),
        Arguments.of("--nonsense", "Unknown option: '--nonsense'"),
        Arguments.of("extra", "Unmatched argument at index 6: 'extra'"));
  }

  @ParameterizedTest
  @MethodSource
  void badArguments(String arguments, String message) {
    assertFails(named(message), named(arguments).split(" ", -1));
  }

  static Stream<Arguments> badClassOrders() {
    List<Long> labels = IntStream.range(0, 14).mapToObj(i -> (long) i).toList();
    return Stream.of(
        Arguments.of(labels.subList(0, 13), "line 13: the file ends, with 13 ids for 14 classes"),
        Arguments.of(List.of(), "line 0: the file ends, with 0 ids for 14 classes"),
        Arguments.of(append(labels, 14L), "line 15: more ids than the 14 classes"),
        Arguments.of(
            append(labels.subList(0, 13), 3L), "line 14: class 3 stands on line 4 already"),
        Arguments.of(append(labels.subList(0, 5), "five"), "line 6: not a class id: \"five\""),
        Arguments.of(append(labels.subList(0, 5), ""), "line 6: not a class id: \"\""),
        Arguments.of(
            append(labels.subList(0, 5), "\uFEFF6"), "line 6: not a class id: \"\uFEFF6\""),
        Arguments.of(
            append(labels.subList(0, 5), "9223372036854775808"),
            "line 6: not a class id: \"9223372036854775808\""));
  }

  private static List<?> append(List<?> list, Object last) {
    return Stream.concat(list.stream(), Stream.of(last)).toList();
  }

  @ParameterizedTest
  @MethodSource
  void badClassOrders(List<?> lines, String message) throws IOException {
    Path order = writeLines(lines);
    assertFails(order + ", " + message, "--class-order", order.toString());
  }

  static Stream<Arguments> badWeights() {
    byte[] good = MODULE.safetensors("", SafetensorsType.F32).toBytes();
    float[] notFinite = {0, Float.NaN};
    return Stream.of(
        Arguments.of(new byte[0], "truncated: 0 bytes hold no header length"),
        Arguments.of(Arrays.copyOf(good, 100), "truncated: header length"),
        Arguments.of(Arrays.copyOf(good, good.length - 1), "tensor tail.1.1.weight"),
        Arguments.of(
            new SafetensorsBytes().counting("head.weight", 3, 4).toBytes(),
            "tensor tail.0.0.weight is missing"),
        Arguments.of(
            MODULE.safetensors("", SafetensorsType.I8).toBytes(),
            "tensor head.weight: dtype must be F32, F16, BF16 or F64: I8"),
        Arguments.of(
            new SafetensorsBytes()
                .counting("head.weight", 3, 4)
                .counting("tail.0.0.weight", 1, 4)
                .tensor("tail.0.1.weight", SafetensorsType.F32, notFinite, 2, 1)
                .toBytes(),
            "tensor tail.0.1.weight: row 1 holds NaN as float32"));
  }

  @ParameterizedTest
  @MethodSource
  void badWeights(byte[] content, String message) throws IOException {
    Files.write(weights, content);
    assertFails(weights + ": " + message);
  }

  @Test
  void weightsWhoseProductsAreNotFiniteAreToBlameThemselves() throws IOException {
    float[] huge = new float[12];
    Arrays.fill(huge, 3e38f);
    Files.write(
        weights,
        new SafetensorsBytes()
            .tensor("head.weight", SafetensorsType.F32, huge, 3, 4)
            .counting("tail.0.0.weight", 1, 4)
            .counting("tail.0.1.weight", 2, 1)
            .toBytes());
    assertFails("as a weight is not finite, or so large that a product is not");
    assertThat(out).doesNotExist();
  }

  @Test
  void weightsMustBeAFile() throws IOException {
    Files.delete(weights);
    assertFails("option '--weights': no such file: " + weights);
    Files.createDirectory(weights);
    assertFails("option '--weights': is a directory: " + weights);
  }

  @Test
  void outMustNotBeAFile() throws IOException {
    Files.createDirectory(out.getParent());
    Files.writeString(out, "kept");
    CommandRun run =
        CommandRun.of("import-pytorch", "--weights", weights.toString(), "--out", out.toString());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).isEqualTo("adaptive-softmax: model directory is a file: " + out + "\n");
    assertThat(out).hasContent("kept");
  }

  @Test
  void requiredOptionsAreNamed() {
    CommandRun run = CommandRun.of("import-pytorch", "--out", out.toString());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo("adaptive-softmax: Missing required option: '--weights=FILE.safetensors'\n");
  }

  private JsonNode importAsJson(String... more) throws IOException {
    CommandRun run = CommandRun.of(arguments("--json", more));
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out()).containsOnlyOnce("\n");
    return JSON.readTree(run.out());
  }

  /** The command fails with one line that says this, and leaves nothing behind. */
  private void assertFails(String message, String... more) {
    CommandRun run = CommandRun.of(arguments("--json", more));
    assertThat(run.err()).startsWith("adaptive-softmax: ").contains(message).containsOnlyOnce("\n");
    assertThat(run.out()).isEmpty();
    assertThat(run.code()).isEqualTo(2);
    assertThat(out.getParent()).doesNotExist();
  }

  /** {@code import-pytorch}, the weights, the model directory and more. */
  private String[] arguments(String first, String... more) {
    return Stream.concat(
            Stream.of(
                first, "import-pytorch", "--weights", weights.toString(), "--out", out.toString()),
            Arrays.stream(more))
        .toArray(String[]::new);
  }

  private String named(String text) {
    return text.replace("WEIGHTS", weights.toString()).replace("DIRECTORY", directory.toString());
  }

  private Path writeLines(List<?> lines) throws IOException {
    return Files.write(
        directory.resolve("order.txt"), lines.stream().map(String::valueOf).toList());
  }
}
