package org.adaptivesoftmax.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.TestGraph;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.op.Op;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TFloating;

class PyTorchWriterTest {
  /** 16 features; 3 classes in the shortlist, tail clusters of 4 and 7. */
  private static final ClusterPlan PLAN = ClusterPlan.of(16, 14, 3, 7);

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  /** A layer with its own initial weights, in a graph of its own. */
  private static final class Layer<T extends TFloating> implements AutoCloseable {
    final TestGraph graph = new TestGraph();
    final AdaptiveSoftmax<T> softmax;

    Layer(Class<T> type) {
      this(type, LabelOrder.identity(14), 5);
    }

    Layer(Class<T> type, LabelOrder order, long seed) {
      softmax =
          AdaptiveSoftmax.builder(type)
              .plan(PLAN)
              .headBias(true)
              .labelOrder(order)
              .seed(seed)
              .build(graph.tf);
      graph.initialize();
    }

    Map<String, double[]> values() {
      List<double[]> values = graph.run(softmax.parameters());
      Map<String, double[]> byName = new LinkedHashMap<>();
      softmax.parameters().keySet().forEach(name -> byName.put(name, values.get(byName.size())));
      return byName;
    }

    Variable<T> parameter(String name) {
      return softmax.parameters().entrySet().stream()
          .filter(entry -> entry.getKey().equals(name))
          .map(Map.Entry::getValue)
          .findAny()
          .orElseThrow();
    }

    PyTorchWriter.Builder writer() {
      return PyTorchWriter.builder(graph.session(), softmax);
    }

    @Override
    public void close() {
      graph.close();
    }
  }

  private Path file() {
    return directory.resolve("softmax.safetensors");
  }

  private static Map<String, float[]> read(Path written) throws IOException {
    Map<String, float[]> values = new LinkedHashMap<>();
    try (Safetensors file = Safetensors.open(written)) {
      for (Safetensors.TensorInfo tensor : file.tensors().values()) {
        float[] all = new float[(int) (tensor.rows() * tensor.rowSize())];
        file.forEachChunk(
            tensor,
            all.length,
            (first, rows, chunk) -> System.arraycopy(chunk, 0, all, 0, all.length));
        values.put(tensor.name(), all);
      }
    }
    return values;
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 1 << 20})
  void whatIsWrittenIsReadBackBitForBit(int chunkBytes) throws IOException {
    try (Layer<TFloat32> layer = new Layer<>(TFloat32.class)) {
      layer.graph.assign(layer.parameter("head.bias"), new double[] {-0.0, 0, 1e-45, -3e38, 1});
      layer.writer().build().write(file(), chunkBytes);
      Map<String, double[]> values = layer.values();
      Map<String, float[]> written = read(file());
      assertThat(written.keySet()).containsExactlyElementsOf(values.keySet());
      written.forEach(
          (name, value) ->
              assertThat(bits(value)).as(name).isEqualTo(bits(floats(values.get(name)))));
    }
  }

  /** The weights of the module are exact in every type. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16", "F64"})
  void writesTheTensorsOfTheModuleThatWasLoaded(SafetensorsType type) throws IOException {
    Path module = new PyTorchModule(PLAN, 1).safetensors("m.", type).write(directory.resolve("m"));
    try (Layer<TFloat32> layer = new Layer<>(TFloat32.class)) {
      try (Safetensors file = Safetensors.open(module)) {
        PyTorchWeights.find(file).load(file, layer.graph.session(), layer.softmax);
      }
      layer.writer().prefix("m.").type(type).build().write(file());
    }
    try (Safetensors before = Safetensors.open(module);
        Safetensors after = Safetensors.open(file())) {
      assertThat(after.tensors()).isEqualTo(before.tensors());
      assertThat(PyTorchWeights.find(after)).isEqualTo(PyTorchWeights.find(before));
    }
    assertThat(dataOf(file())).isEqualTo(dataOf(module));
  }

  private static byte[] dataOf(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.position(Math.toIntExact(Long.BYTES + bytes.getLong()));
    byte[] data = new byte[bytes.remaining()];
    bytes.get(data);
    return data;
  }

  @Test
  void theFileIsWhatTheFormatSays() throws IOException {
    try (Layer<TFloat32> layer = new Layer<>(TFloat32.class)) {
      layer.writer().prefix("modèle.\"a\".").build().write(file());
    }
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file())).order(ByteOrder.LITTLE_ENDIAN);
    long length = bytes.getLong();
    byte[] json = new byte[(int) length];
    bytes.get(json);
    assertThat(length % 8).isZero();
    JsonNode header = JsonMapper.builder().build().readTree(json);
    assertThat(header.get("__metadata__")).hasToString("{\"format\":\"pt\"}");
    List<String> entries = new ArrayList<>();
    header.properties().forEach(entry -> entries.add(entry.getKey() + " " + entry.getValue()));
    String prefix = "modèle.\"a\".";
    assertThat(entries.subList(1, entries.size()))
        .containsExactly(
            prefix + "head.weight " + entry("[5,16]", "[0,320]"),
            prefix + "head.bias " + entry("[5]", "[320,340]"),
            prefix + "tail.0.0.weight " + entry("[4,16]", "[340,596]"),
            prefix + "tail.0.1.weight " + entry("[4,4]", "[596,660]"),
            prefix + "tail.1.0.weight " + entry("[1,16]", "[660,724]"),
            prefix + "tail.1.1.weight " + entry("[7,1]", "[724,752]"));
    assertThat(bytes.remaining()).isEqualTo(752);
  }

  private static String entry(String shape, String offsets) {
    return "{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":%s}".formatted(shape, offsets);
  }

  @Test
  void aTrainedLayerIsWrittenAndAnswersAlikeWhereItIsLoaded() throws IOException {
    Path module =
        new PyTorchModule(PLAN, 1)
            .safetensors("", SafetensorsType.F32)
            .write(directory.resolve("m"));
    double[] input = LongStream.range(0, 3 * 16).mapToDouble(Math::sin).toArray();
    try (TestGraph graph = new TestGraph();
        Safetensors file = Safetensors.open(module)) {
      PyTorchWeights weights = PyTorchWeights.find(file);
      AdaptiveSoftmax<TFloat32> layer = weights.layer().build(graph.tf);
      Operand<TFloat32> hidden = graph.constant(TFloat32.class, input, 3, 16);
      Operand<?> loss =
          layer.call(graph.tf, hidden, graph.tf.constant(new int[] {1, 5, 13})).loss();
      Op step = new Adam(graph.graph(), 0.05f).minimize(loss);
      Operand<?> logProb = layer.logProb(graph.tf, hidden);
      graph.initialize();
      weights.load(file, graph.session(), layer);
      double before = graph.run(loss)[0];
      graph.session().run(step);
      PyTorchWeights.write(file(), graph.session(), layer);
      double[] trained = graph.run(logProb);
      assertThat(graph.run(loss)[0]).isLessThan(before);
      try (Layer<TFloat32> again = new Layer<>(TFloat32.class);
          Safetensors written = Safetensors.open(file())) {
        PyTorchWeights.find(written).load(written, again.graph.session(), again.softmax);
        Operand<TFloat32> same = again.graph.constant(TFloat32.class, input, 3, 16);
        assertThat(again.graph.run(again.softmax.logProb(again.graph.tf, same))).isEqualTo(trained);
      }
    }
  }

  @Test
  void layersOfOtherTypesAreWrittenInTheTypeThatIsAskedFor() throws IOException {
    try (Layer<TFloat64> layer = new Layer<>(TFloat64.class)) {
      layer.writer().type(SafetensorsType.F64).build().write(file());
      ByteBuffer data = ByteBuffer.wrap(dataOf(file())).order(ByteOrder.LITTLE_ENDIAN);
      for (double[] values : layer.values().values()) {
        for (double value : values) {
          assertThat(data.getDouble()).isEqualTo(value);
        }
      }
      assertThat(data.remaining()).isZero();
    }
    try (Layer<TBfloat16> layer = new Layer<>(TBfloat16.class)) {
      PyTorchWeights.write(file(), layer.graph.session(), layer.softmax);
      Map<String, double[]> values = layer.values();
      read(file()).forEach((name, value) -> assertThat(value).isEqualTo(floats(values.get(name))));
    }
  }

  @Test
  void writingAgainAddsNothingToTheGraphAndReplacesTheFile() throws IOException {
    try (Layer<TFloat32> layer = new Layer<>(TFloat32.class)) {
      PyTorchWriter writer = layer.writer().build();
      int operations = operations(layer);
      writer.write(file());
      layer.graph.assign(layer.parameter("head.bias"), new double[] {1, 2, 3, 4, 5});
      int withAssignment = operations(layer);
      writer.write(file());
      assertThat(operations(layer)).isEqualTo(withAssignment).isGreaterThan(operations);
      assertThat(read(file()).get("head.bias")).containsExactly(1, 2, 3, 4, 5);
    }
  }

  private static int operations(Layer<?> layer) {
    List<Object> operations = new ArrayList<>();
    layer.graph.graph().operations().forEachRemaining(operations::add);
    return operations.size();
  }

  @Test
  void theOrderOfTheClassesGoesIntoAFileOfItsOwn() throws IOException {
    LabelOrder order =
        LabelOrder.ranked(LongStream.range(0, 14).map(rank -> 1000 - 37 * rank).toArray());
    Path ids = directory.resolve("classes.txt");
    try (Layer<TFloat32> layer = new Layer<>(TFloat32.class, order, 1)) {
      layer.writer().classOrder(ids).build().write(file());
      assertThat(read(file()).get("head.bias")).isEqualTo(floats(layer.values().get("head.bias")));
    }
    assertThat(Files.readString(ids)).startsWith("1000\n963\n926\n").endsWith("\n519\n");
    assertThat(ClassOrderFile.read(ids, 14).fingerprint()).isEqualTo(order.fingerprint());
  }

  @ParameterizedTest
  @CsvSource({"NaN, F32, NaN", "1e39, F32, Infinity", "-70000, F16, -Infinity"})
  void valuesThatAreNotFiniteAreRefusedAndTheFileBeforeIsKept(
      double value, SafetensorsType type, String written) throws IOException {
    Files.writeString(file(), "before");
    try (Layer<TFloat64> layer = new Layer<>(TFloat64.class)) {
      layer.graph.assign(
          layer.parameter("tail.1.1.weight"), new double[] {1, 2, 3, value, 5, 6, 7});
      PyTorchWriter writer =
          layer.writer().type(type).classOrder(directory.resolve("classes")).build();
      for (int chunkBytes : new int[] {8, 1 << 20}) {
        assertThatThrownBy(() -> writer.write(file(), chunkBytes))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("variable tail.1.1.weight: row 3 holds %s as %s", written, type);
      }
    }
    assertThat(directory.toFile().list()).containsExactly("softmax.safetensors");
    assertThat(file()).hasContent("before");
  }

  @Test
  void whatCannotBeWrittenIsNamed() {
    LabelOrder order = LabelOrder.ranked(LongStream.range(0, 14).map(rank -> 13 - rank).toArray());
    try (Layer<TFloat32> layer = new Layer<>(TFloat32.class);
        Layer<TFloat32> ordered = new Layer<>(TFloat32.class, order, 1);
        TestGraph other = new TestGraph()) {
      assertRefused(
          () -> layer.writer().prefix("model"), "prefix must be empty or end in a dot: \"model\"");
      assertRefused(
          () -> layer.writer().type(SafetensorsType.I8), "type must be F32, F16, BF16 or F64: I8");
      assertRefused(
          () -> ordered.writer().build(),
          "classOrder must be given, as PyTorch's classes are ranks and the layer's are the ids 0..13 in an order of"
              + " their own");
      assertRefused(
          () -> PyTorchWriter.builder(other.session(), layer.softmax),
          "layer must be in the session's graph: variable adaptive_softmax.head.weight is in another");
      AdaptiveSoftmax<TFloat32> biased =
          AdaptiveSoftmax.builder(TFloat32.class).plan(PLAN).tailBias(true).build(other.tf);
      assertRefused(
          () -> PyTorchWriter.builder(other.session(), biased),
          "layer has parameters that AdaptiveLogSoftmaxWithLoss has not: [tail.0.1.bias, tail.1.1.bias]");
      Path missing = directory.resolve("none").resolve("file");
      assertRefused(
          () -> layer.writer().build().write(missing),
          "no such directory: " + directory.resolve("none"));
      assertRefused(
          () -> layer.writer().build().write(directory), "file is a directory: " + directory);
      assertRefused(
          () -> layer.writer().classOrder(directory).build().write(file()),
          "file is a directory: " + directory);
    }
    assertThat(directory).isEmptyDirectory();
  }

  private static void assertRefused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }

  @Test
  void aLayerOfAnotherPlanIsRefusedAndKeepsItsValues() throws IOException {
    ClusterPlan other = ClusterPlan.of(16, 15, 3, 7);
    Path module = new PyTorchModule(other, 1).safetensors("", SafetensorsType.F32).write(file());
    try (Layer<TFloat32> layer = new Layer<>(TFloat32.class);
        TestGraph another = new TestGraph();
        Safetensors file = Safetensors.open(module)) {
      PyTorchWeights weights = PyTorchWeights.find(file);
      Map<String, double[]> before = layer.values();
      assertRefused(
          () -> weights.load(file, layer.graph.session(), layer.softmax),
          module
              + ": tensor tail.1.1.weight: shape [8, 1] does not fit variable adaptive_softmax.tail.1.1.weight [7, 1]");
      assertRefused(
          () -> weights.load(file, another.session(), layer.softmax),
          "layer must be in the session's graph: variable adaptive_softmax.head.weight is in another");
      AdaptiveSoftmax<TFloat32> unbiased =
          AdaptiveSoftmax.builder(TFloat32.class).plan(other).build(another.tf);
      assertRefused(
          () -> weights.load(file, another.session(), unbiased),
          module
              + ": tensors [head.weight, head.bias, tail.0.0.weight, tail.0.1.weight, tail.1.0.weight, tail.1.1.weight]"
              + " do not match variables [head.weight, tail.0.0.weight, tail.0.1.weight, tail.1.0.weight,"
              + " tail.1.1.weight]");
      Map<String, double[]> after = layer.values();
      before.forEach((name, values) -> assertThat(after.get(name)).isEqualTo(values));
    }
  }
}
