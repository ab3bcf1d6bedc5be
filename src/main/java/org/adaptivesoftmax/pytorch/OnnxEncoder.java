package org.adaptivesoftmax.pytorch;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.adaptivesoftmax.internal.io.OptionalLibrary;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.internal.io.UnfinishedDirectory;
import org.adaptivesoftmax.model.EncoderConfiguration;
import org.adaptivesoftmax.pytorch.Safetensors.TensorInfo;

/**
 * Turns a BERT encoder that was exported as an ONNX file into a directory that {@link PretrainedEncoder} reads.
 *
 * <p>An export keeps BERT's names for embeddings, biases and LayerNorms. Its matrices have lost theirs, and are stored
 * [inputs, outputs]: a matrix belongs to the bias that is added to its product, and is turned round.
 */
public final class OnnxEncoder {
  private static final String WORDS = "embeddings.word_embeddings.weight";
  private static final String POSITIONS = "embeddings.position_embeddings.weight";
  private static final String TYPES = "embeddings.token_type_embeddings.weight";
  private static final String INTERMEDIATE = "encoder.layer.0.intermediate.dense.bias";
  private static final String BIAS = ".bias";

  private OnnxEncoder() {}

  /**
   * A matrix or vector of the encoder.
   *
   * @param values those of the file
   * @param turned whether the file has columns for rows
   */
  private record Weight(OnnxGraph.Tensor values, boolean turned) {
    List<Long> shape() {
      List<Long> shape = values.shape();
      return turned ? List.of(shape.get(1), shape.get(0)) : shape;
    }

    void writeTo(OutputStream out) throws IOException {
      FloatBuffer all = values.values();
      int columns = turned ? Math.toIntExact(values.shape().get(1)) : 1;
      int rows = all.remaining() / columns;
      ByteBuffer line = ByteBuffer.allocate(Float.BYTES * rows).order(ByteOrder.LITTLE_ENDIAN);
      for (int column = 0; column < columns; column++) {
        line.clear();
        for (int row = 0; row < rows; row++) {
          line.putFloat(all.get(row * columns + column));
        }
        out.write(line.array());
      }
    }
  }

  /**
   * Converts an encoder. The directory appears whole or not at all.
   *
   * @param onnx the file
   * @param tokenizer its {@code tokenizer.json}
   * @param heads of its attention, which the file does not tell
   * @param directory where to, replaced if it exists
   * @throws IllegalArgumentException if the file is no ONNX file, or holds no BERT encoder; one line says what is wrong
   * @throws IllegalStateException if Jackson is not on the class path
   * @throws IOException if a file cannot be read or written; nothing is left then
   */
  public static void convert(Path onnx, Path tokenizer, int heads, Path directory)
      throws IOException {
    OptionalLibrary.JACKSON.require("a pretrained encoder");
    SortedMap<String, Weight> weights;
    EncoderConfiguration configuration;
    try {
      weights = named(OnnxGraph.read(onnx));
      configuration = configuration(weights, heads);
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      throw new IllegalArgumentException(
          message.startsWith(onnx.toString()) ? message : onnx + ": " + message, e);
    }
    Path whole = directory.toAbsolutePath();
    try (UnfinishedDirectory unfinished = UnfinishedDirectory.create(whole.resolveSibling(""))) {
      Path made = unfinished.directory();
      Files.writeString(
          made.resolve(PretrainedEncoder.CONFIGURATION), EncoderJson.write(configuration));
      Files.copy(tokenizer, made.resolve("tokenizer.json"), StandardCopyOption.REPLACE_EXISTING);
      write(made.resolve(PretrainedEncoder.WEIGHTS), weights);
      PretrainedEncoder.read(made);
      unfinished.moveTo(whole);
    }
  }

  /** The weights by BERT's names. */
  private static SortedMap<String, Weight> named(OnnxGraph graph) {
    SortedMap<String, Weight> named = new TreeMap<>();
    Map<String, String> products = new HashMap<>();
    for (OnnxGraph.Node node : graph.nodes()) {
      if (node.type().equals("MatMul") && graph.tensors().containsKey(node.inputs().get(1))) {
        products.put(node.outputs().get(0), node.inputs().get(1));
      }
    }
    for (OnnxGraph.Node node : graph.nodes()) {
      if (node.type().equals("Add")) {
        nameMatrix(graph, node.inputs(), products, named);
      }
    }
    graph
        .tensors()
        .forEach(
            (name, tensor) -> {
              if (name.startsWith("embeddings.") || name.startsWith("encoder.layer.")) {
                named.putIfAbsent(name, new Weight(tensor, false));
              }
            });
    return named;
  }

  private static void nameMatrix(
      OnnxGraph graph,
      List<String> added,
      Map<String, String> products,
      Map<String, Weight> named) {
    for (int i = 0; i < 2; i++) {
      String matrix = products.get(added.get(i));
      String bias = added.get(1 - i);
      OnnxGraph.Tensor tensor = matrix == null ? null : graph.tensors().get(matrix);
      if (tensor != null && bias.endsWith(BIAS) && tensor.shape().size() == 2) {
        String name = bias.substring(0, bias.length() - BIAS.length()) + ".weight";
        named.put(name, new Weight(tensor, true));
      }
    }
  }

  private static EncoderConfiguration configuration(SortedMap<String, Weight> weights, int heads) {
    List<Long> words = shape(weights, WORDS, 2);
    long layers =
        weights.keySet().stream()
            .filter(name -> name.matches("encoder\\.layer\\.\\d+\\.output\\.dense\\.weight"))
            .count();
    return EncoderConfiguration.builder()
        .vocabulary(Math.toIntExact(words.get(0)))
        .positions(Math.toIntExact(shape(weights, POSITIONS, 2).get(0)))
        .types(Math.toIntExact(shape(weights, TYPES, 2).get(0)))
        .width(Math.toIntExact(words.get(1)))
        .layers(Math.toIntExact(layers))
        .heads(heads)
        .intermediate(Math.toIntExact(shape(weights, INTERMEDIATE, 1).get(0)))
        .build();
  }

  private static List<Long> shape(Map<String, Weight> weights, String name, int rank) {
    Weight weight = weights.get(name);
    Require.argument(weight != null, "no BERT encoder: it has no tensor %s", name);
    List<Long> shape = weight == null ? List.of() : weight.shape();
    Require.argument(shape.size() == rank, "tensor %s must have rank %d: %s", name, rank, shape);
    return shape;
  }

  private static void write(Path file, SortedMap<String, Weight> weights) throws IOException {
    List<TensorInfo> infos = new ArrayList<>();
    long begin = 0;
    for (Map.Entry<String, Weight> entry : weights.entrySet()) {
      long end = begin + (long) Float.BYTES * entry.getValue().values.values().remaining();
      infos.add(
          new TensorInfo(
              entry.getKey(), SafetensorsType.F32, entry.getValue().shape(), begin, end));
      begin = end;
    }
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
      out.write(SafetensorsHeader.bytes(infos, Map.of("format", "pt")));
      for (Weight weight : weights.values()) {
        weight.writeTo(out);
      }
    }
  }
}
