package org.adaptivesoftmax.pytorch;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.adaptivesoftmax.pytorch.Safetensors.TensorInfo;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.ndarray.buffer.FloatDataBuffer;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * Copies tensors of a {@link Safetensors} file into variables. Values pass through a placeholder in chunks of rows, so
 * that neither the graph nor a feed grows with the weights. The operations stay in the graph.
 */
final class WeightLoader {
  /** 16 MB of float32: large enough that the cost of a run does not show. */
  private static final int CHUNK_VALUES = 1 << 22;

  private final Session session;
  private final Ops tf;
  private final Safetensors file;
  private final int chunkValues;

  WeightLoader(Session session, Safetensors file) {
    this(session, file, CHUNK_VALUES);
  }

  WeightLoader(Session session, Safetensors file, int chunkValues) {
    this.session = session;
    this.tf = Ops.create(session.graph()).withSubScope("load");
    this.file = file;
    this.chunkValues = chunkValues;
  }

  /**
   * Copies each tensor into the variable of the same key.
   *
   * @throws IllegalArgumentException if a variable has no tensor or the other way round, if their shapes differ, or if
   *     a value is not finite as float32
   * @throws IOException if the file cannot be read
   */
  void load(Map<String, TensorInfo> tensors, Map<String, ? extends Operand<TFloat32>> variables)
      throws IOException {
    requireFitting(tensors, variables);
    for (Map.Entry<String, TensorInfo> entry : tensors.entrySet()) {
      load(entry.getValue(), variable(variables, entry.getKey()));
    }
  }

  /**
   * {@link #load}, all tensors in one run: they are in memory twice meanwhile, and the session, which looks at its whole graph
   * anew for each run of new operations, does so once.
   */
  void loadTogether(
      Map<String, TensorInfo> tensors, Map<String, ? extends Operand<TFloat32>> variables)
      throws IOException {
    requireFitting(tensors, variables);
    Session.Runner runner = session.runner();
    List<TFloat32> fed = new ArrayList<>();
    try {
      for (Map.Entry<String, TensorInfo> entry : tensors.entrySet()) {
        TFloat32 values = read(entry.getValue());
        fed.add(values);
        Placeholder<TFloat32> placeholder = tf.placeholder(TFloat32.class);
        runner
            .feed(placeholder, values)
            .addTarget(tf.assign(variable(variables, entry.getKey()), placeholder));
      }
      runner.run().close();
    } finally {
      fed.forEach(TFloat32::close);
    }
  }

  private TFloat32 read(TensorInfo tensor) throws IOException {
    float[] all = new float[Math.toIntExact(tensor.rows() * tensor.rowSize())];
    file.forEachChunk(
        tensor,
        chunkValues,
        (first, count, values) -> {
          int length = (int) (count * tensor.rowSize());
          requireFinite(tensor, first, DataBuffers.of(values, true, false).narrow(length));
          System.arraycopy(values, 0, all, (int) (first * tensor.rowSize()), length);
        });
    return TFloat32.tensorOf(Shape.of(sizes(tensor)), DataBuffers.of(all));
  }

  private static Operand<TFloat32> variable(
      Map<String, ? extends Operand<TFloat32>> variables, String name) {
    return Objects.requireNonNull(variables.get(name), name);
  }

  // All before the first: what does not fit must not leave a layer half of whose values are new.
  private void requireFitting(
      Map<String, TensorInfo> tensors, Map<String, ? extends Operand<TFloat32>> variables) {
    require(
        tensors.keySet().equals(variables.keySet()),
        "tensors %s do not match variables %s".formatted(tensors.keySet(), variables.keySet()));
    for (Map.Entry<String, TensorInfo> entry : tensors.entrySet()) {
      requireFitting(entry.getValue(), variable(variables, entry.getKey()));
    }
  }

  private void requireFitting(TensorInfo tensor, Operand<TFloat32> variable) {
    Shape shape = variable.shape();
    require(
        shape.equals(Shape.of(sizes(tensor))),
        "tensor %s: shape %s does not fit variable %s %s"
            .formatted(tensor.name(), tensor.shape(), variable.op().name(), shape));
  }

  private static long[] sizes(TensorInfo tensor) {
    return tensor.shape().stream().mapToLong(Long::longValue).toArray();
  }

  private void load(TensorInfo tensor, Operand<TFloat32> variable) throws IOException {
    long[] sizes = sizes(tensor);
    // Rows can only be written into a variable that has a value. A fill would be evaluated while
    // the graph is optimized, and so take the variable's memory twice.
    session.run(tf.assign(variable, tf.empty(tf.constant(intSizes(sizes)), TFloat32.class)));

    Placeholder<TFloat32> rows = tf.placeholder(TFloat32.class);
    Placeholder<TInt64> ids = tf.placeholder(TInt64.class);
    Op update = tf.scatterUpdate(variable, ids, rows);
    long[] chunkSizes = sizes.clone();
    file.forEachChunk(
        tensor,
        chunkValues,
        (first, count, values) -> {
          chunkSizes[0] = count;
          FloatDataBuffer chunk =
              DataBuffers.of(values, true, false).narrow(count * tensor.rowSize());
          requireFinite(tensor, first, chunk);
          try (TFloat32 rowValues = TFloat32.tensorOf(Shape.of(chunkSizes), chunk);
              TInt64 rowIds = TInt64.vectorOf(LongStream.range(first, first + count).toArray())) {
            session
                .runner()
                .feed(rows, rowValues)
                .feed(ids, rowIds)
                .addTarget(update)
                .run()
                .close();
          }
        });
  }

  private static int[] intSizes(long[] sizes) {
    return Arrays.stream(sizes).mapToInt(Math::toIntExact).toArray();
  }

  private void requireFinite(TensorInfo tensor, long firstRow, FloatDataBuffer values) {
    for (long i = 0; i < values.size(); i++) {
      if (!Float.isFinite(values.getFloat(i))) {
        throw invalid(
            "tensor %s: row %d holds %s as float32"
                .formatted(tensor.name(), firstRow + i / tensor.rowSize(), values.getFloat(i)));
      }
    }
  }

  private void require(boolean condition, String message) {
    if (!condition) {
      throw invalid(message);
    }
  }

  private IllegalArgumentException invalid(String message) {
    return new IllegalArgumentException(file.file() + ": " + message);
  }
}
