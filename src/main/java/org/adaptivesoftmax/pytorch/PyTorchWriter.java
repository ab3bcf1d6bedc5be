package org.adaptivesoftmax.pytorch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.internal.io.AtomicFile;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.pytorch.Safetensors.TensorInfo;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Session;
import org.tensorflow.types.family.TFloating;

/**
 * Writes a layer as the state dict of a PyTorch {@code nn.AdaptiveLogSoftmaxWithLoss}, a safetensors file with the
 * tensors of {@link PyTorchWeights} and the metadata {@code {"format": "pt"}}. In Python
 *
 * <pre>{@code
 * module.load_state_dict(safetensors.torch.load_file("softmax.safetensors"))
 * }</pre>
 *
 * <p>loads it into a module of the same {@code in_features}, {@code n_classes}, {@code cutoffs}, {@code div_value} and
 * {@code head_bias}. Values go from the session to the file in chunks of rows, so memory does not grow with the weights.
 *
 * <p>Building a writer adds operations to the graph; who writes again and again keeps it. The header is written with
 * Jackson ({@code jackson-databind}), an optional dependency of this library.
 *
 * <pre>{@code
 * PyTorchWriter.builder(session, layer).prefix("model.softmax.").build().write(Path.of("softmax.safetensors"));
 * }</pre>
 */
public final class PyTorchWriter {
  private static final int CHUNK_BYTES = 1 << 22;
  private static final Map<String, String> METADATA = Map.of("format", "pt");

  private final AdaptiveSoftmax<? extends TFloating> layer;
  private final @Nullable Path classOrder;
  private final Map<String, VariableRows> tensors = new LinkedHashMap<>();

  private PyTorchWriter(Builder builder) {
    layer = builder.layer;
    classOrder = builder.classOrder;
    layer
        .parameters()
        .forEach(
            (name, variable) ->
                tensors.put(
                    builder.prefix + name,
                    new VariableRows(builder.session, name, variable, builder.type)));
  }

  /**
   * Starts to describe what is written.
   *
   * @param session holds the values of the layer's variables
   * @param layer of the session's graph
   * @return a builder with defaults
   * @throws IllegalArgumentException if the layer is not in the session's graph, or has tail biases, which PyTorch's module
   *     has not
   */
  public static Builder builder(Session session, AdaptiveSoftmax<? extends TFloating> layer) {
    return new Builder(session, layer);
  }

  /**
   * Writes the values that the variables have now; no training step may run meanwhile. The file appears whole or not at
   * all.
   *
   * @param file to write, replaced if it exists
   * @throws IllegalArgumentException if the file is a directory or its directory does not exist, or a value is not finite in
   *     the type; what stood there before is still there then
   * @throws IOException if it cannot be written; what stood there before is still there then
   */
  public void write(Path file) throws IOException {
    write(file, CHUNK_BYTES);
  }

  void write(Path file, int chunkBytes) throws IOException {
    requireWritable(file);
    if (classOrder != null) {
      requireWritable(classOrder);
    }
    AtomicFile.write(
        file,
        out -> {
          out.write(SafetensorsHeader.bytes(header(), METADATA));
          for (VariableRows rows : tensors.values()) {
            rows.writeTo(out, chunkBytes);
          }
          if (classOrder != null) { // once all values are known to be good
            ClassOrderFile.write(classOrder, layer.labelOrder());
          }
        });
  }

  private List<TensorInfo> header() {
    List<TensorInfo> header = new ArrayList<>();
    long begin = 0;
    for (Map.Entry<String, VariableRows> tensor : tensors.entrySet()) {
      VariableRows rows = tensor.getValue();
      long end = begin + rows.byteSize();
      header.add(new TensorInfo(tensor.getKey(), rows.type(), rows.shape(), begin, end));
      begin = end;
    }
    return header;
  }

  private static void requireWritable(Path file) {
    Require.argument(!Files.isDirectory(file), "file is a directory: %s", file);
    Path directory = file.toAbsolutePath().resolveSibling("");
    Require.argument(Files.isDirectory(directory), "no such directory: %s", directory);
  }

  /** What is written, and how; everything has a default. */
  public static final class Builder {
    private final Session session;
    private final AdaptiveSoftmax<? extends TFloating> layer;
    private String prefix = "";
    private SafetensorsType type = SafetensorsType.F32;
    private @Nullable Path classOrder;

    private Builder(Session session, AdaptiveSoftmax<? extends TFloating> layer) {
      PyTorchWeights.requireInGraph(session, layer);
      this.session = session;
      this.layer = layer;
      List<String> names = List.copyOf(layer.parameters().keySet());
      List<String> known =
          PyTorchWeights.names(names.contains(PyTorchWeights.HEAD_BIAS), layer.plan().nTails());
      Require.argument(
          names.equals(known),
          "layer has parameters that AdaptiveLogSoftmaxWithLoss has not: %s",
          names.stream().filter(name -> !known.contains(name)).toList());
    }

    /**
     * What stands before {@code head.weight}: the module's place in a larger model, as {@code model.softmax.}. Default:
     * nothing.
     *
     * @param prefix empty or ending in a dot
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public Builder prefix(String prefix) {
      Require.argument(
          prefix.isEmpty() || prefix.endsWith("."),
          "prefix must be empty or end in a dot: \"%s\"",
          prefix);
      this.prefix = prefix;
      return this;
    }

    /**
     * The type in the file; values are rounded to it. Default: {@link SafetensorsType#F32}.
     *
     * @param type F32, F16, BF16 or F64
     * @return this builder
     * @throws IllegalArgumentException if it is another
     */
    public Builder type(SafetensorsType type) {
      Require.argument(type.isReadable(), "type must be F32, F16, BF16 or F64: %s", type);
      this.type = type;
      return this;
    }

    /**
     * A file for the class ids by rank, as {@link ClassOrderFile} has them: PyTorch's classes are ranks. Needed where the
     * layer's label order is not the identity. Default: none.
     *
     * @param file to write with the weights, replaced if it exists
     * @return this builder
     */
    public Builder classOrder(Path file) {
      this.classOrder = file;
      return this;
    }

    /**
     * Adds the operations that read the variables.
     *
     * @return the writer
     * @throws IllegalArgumentException if the layer has a label order and there is no {@link #classOrder} file
     */
    public PyTorchWriter build() {
      Require.argument(
          classOrder != null || layer.labelOrder().isIdentity(),
          "classOrder must be given, as PyTorch's classes are ranks and the layer's are the ids %s in an order of their own",
          layer.labelOrder().range());
      return new PyTorchWriter(this);
    }
  }
}
