package org.adaptivesoftmax.pytorch;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * Reads a variable's values in chunks of rows, as the bytes that a safetensors file has: TensorFlow rounds them to the
 * type, and holds them little-endian on every machine that it runs on. The operations stay in the graph.
 */
final class VariableRows {
  private final Session session;
  private final String name;
  private final long[] shape;
  private final SafetensorsType type;
  private final Placeholder<TInt64> begin;
  private final Placeholder<TInt64> size;
  private final Operand<? extends TFloating> rows;
  private final Operand<TBool> finite;

  VariableRows(
      Session session, String name, Variable<? extends TFloating> variable, SafetensorsType type) {
    Ops tf = Ops.create(session.graph()).withSubScope("write");
    this.session = session;
    this.name = name;
    this.shape = variable.shape().asArray();
    this.type = type;
    this.begin = tf.placeholder(TInt64.class);
    this.size = tf.placeholder(TInt64.class);
    this.rows = tf.dtypes.cast(tf.slice(variable, begin, size), type.tensorType());
    int[] within = IntStream.range(1, shape.length).toArray();
    this.finite = tf.reduceAll(tf.math.isFinite(rows), tf.constant(within));
  }

  SafetensorsType type() {
    return type;
  }

  List<Long> shape() {
    return Arrays.stream(shape).boxed().toList();
  }

  /** The number of bytes of all rows. */
  long byteSize() {
    return shape[0] * rowBytes();
  }

  private long rowBytes() {
    return Arrays.stream(shape).skip(1).reduce(type.bits() / Byte.SIZE, Math::multiplyExact);
  }

  /**
   * Writes all rows.
   *
   * @param chunkBytes how many bytes are in memory at once, but for a single row that has more
   * @throws IllegalArgumentException if a value is not finite in the type
   */
  void writeTo(OutputStream out, int chunkBytes) throws IOException {
    long rowsPerChunk = Math.max(1, chunkBytes / rowBytes());
    for (long first = 0; first < shape[0]; first += rowsPerChunk) {
      out.write(read(first, Math.min(rowsPerChunk, shape[0] - first)));
    }
  }

  private byte[] read(long first, long count) {
    long[] corner = new long[shape.length];
    long[] sizes = shape.clone();
    corner[0] = first;
    sizes[0] = count;
    try (TInt64 from = TInt64.vectorOf(corner);
        TInt64 extent = TInt64.vectorOf(sizes);
        Result read =
            session.runner().feed(begin, from).feed(size, extent).fetch(rows).fetch(finite).run()) {
      byte[] bytes = new byte[Math.toIntExact(count * rowBytes())];
      read.get(0).asRawTensor().data().read(bytes);
      TBool finiteRows = (TBool) read.get(1);
      for (long row = 0; row < count; row++) {
        if (!finiteRows.getBoolean(row)) {
          requireFinite(bytes, row, first + row);
        }
      }
      return bytes;
    }
  }

  private void requireFinite(byte[] chunk, long rowOfChunk, long row) {
    int rowBytes = Math.toIntExact(rowBytes());
    float[] values = new float[rowBytes / (type.bits() / Byte.SIZE)];
    ByteBuffer bytes = ByteBuffer.wrap(chunk, (int) rowOfChunk * rowBytes, rowBytes);
    type.decode(bytes.slice().order(ByteOrder.LITTLE_ENDIAN), values, 0, values.length);
    for (float value : values) {
      Require.argument(
          Float.isFinite(value), "variable %s: row %d holds %s as %s", name, row, value, type);
    }
  }
}
