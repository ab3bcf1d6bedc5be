package org.adaptivesoftmax.pytorch;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.internal.io.OneLine;
import org.adaptivesoftmax.internal.io.OptionalLibrary;

/**
 * A file of tensors in the <a href="https://github.com/huggingface/safetensors">safetensors format</a>, opened to be read.
 *
 * <p>The file is 8 bytes of header length (little-endian), a JSON object that gives each tensor's {@code dtype},
 * {@code shape} and {@code data_offsets}, and the tensors' bytes, row-major and little-endian. Opening reads and checks
 * the header only; values are read when asked for, in chunks of rows, so the size of a file or tensor is bounded by the
 * disk and not by memory.
 *
 * <p>The header is parsed with Jackson ({@code jackson-databind}), an optional dependency of this library.
 */
public final class Safetensors implements AutoCloseable {
  /** The longest header that is accepted, as in the reference implementation. */
  static final int MAX_HEADER_BYTES = 100_000_000;

  private static final int LENGTH_BYTES = Long.BYTES;
  private static final int READ_BYTES = 1 << 20;

  private final Path file;
  private final FileChannel channel;
  private final long dataStart;
  private final SafetensorsHeader header;

  private Safetensors(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    long size = channel.size();
    require(size >= LENGTH_BYTES, "truncated: %d bytes hold no header length".formatted(size));
    long length = read(0, LENGTH_BYTES).getLong();
    require(
        Long.compareUnsigned(length, MAX_HEADER_BYTES) <= 0,
        "header length %s is over %d bytes"
            .formatted(Long.toUnsignedString(length), MAX_HEADER_BYTES));
    require(
        length <= size - LENGTH_BYTES,
        "truncated: header length %d, but %d bytes follow".formatted(length, size - LENGTH_BYTES));
    dataStart = LENGTH_BYTES + length;
    try {
      header = SafetensorsHeader.parse(read(LENGTH_BYTES, (int) length).array(), size - dataStart);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(OneLine.of(file + ": " + e.getMessage()), e);
    }
  }

  /**
   * Opens a file and checks its header.
   *
   * @param file to read
   * @return the open file, to be closed by the caller
   * @throws IllegalArgumentException if the file breaks the format, with one line that names the file, the tensor and
   *     the value: it is truncated; the header is over 100 MB or not a JSON object; a tensor has an unknown type, a
   *     negative or fractional size, or a size that differs from its byte range; byte ranges lie outside the data,
   *     overlap or leave a hole; a name occurs twice
   * @throws IllegalStateException if Jackson is not on the class path
   * @throws IOException if the file cannot be read
   */
  public static Safetensors open(Path file) throws IOException {
    OptionalLibrary.JACKSON.require("a safetensors file");
    FileChannel channel;
    try {
      channel = FileChannel.open(file, StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("no such file: " + file, e);
    }
    try {
      return new Safetensors(file, channel);
    } catch (Throwable e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Writes float32 tensors as such a file.
   *
   * @param out where to; not closed
   * @param tensors by name, in this order, each a vector
   * @param metadata the free-form {@code __metadata__}
   * @throws IllegalStateException if Jackson is not on the class path
   * @throws IOException if it cannot be written
   */
  public static void write(
      OutputStream out, Map<String, float[]> tensors, Map<String, String> metadata)
      throws IOException {
    OptionalLibrary.JACKSON.require("a safetensors file");
    List<TensorInfo> infos = new ArrayList<>();
    long begin = 0;
    for (Map.Entry<String, float[]> tensor : tensors.entrySet()) {
      long size = tensor.getValue().length;
      long end = begin + Float.BYTES * size;
      infos.add(new TensorInfo(tensor.getKey(), SafetensorsType.F32, List.of(size), begin, end));
      begin = end;
    }
    out.write(SafetensorsHeader.bytes(infos, metadata));
    for (float[] values : tensors.values()) {
      for (int done = 0; done < values.length; done += READ_BYTES) {
        int part = Math.min(READ_BYTES, values.length - done);
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * part).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values, done, part);
        out.write(bytes.array());
      }
    }
  }

  /** {@return the file} */
  public Path file() {
    return file;
  }

  /** {@return the tensors by name, in the order of the header} */
  public Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(header.tensors());
  }

  /**
   * Looks a tensor up.
   *
   * @param name one of {@link #tensors()}
   * @return what the header says about it
   * @throws IllegalArgumentException if the file has none of this name
   */
  public TensorInfo tensor(String name) {
    TensorInfo tensor = header.tensors().get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(file + ": no tensor is named " + name);
    }
    return tensor;
  }

  /** {@return the free-form {@code __metadata__} of the file, empty if it has none} */
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(header.metadata());
  }

  /**
   * Reads a tensor's values as float32, in chunks of whole rows from the first to the last. Dimension 0 counts the
   * rows; a scalar is one row of one value. A tensor without values gives no chunk.
   *
   * @param tensor one of {@link #tensors()}, of type {@code F16}, {@code BF16}, {@code F32} or {@code F64} (rounded to
   *     the nearest float32)
   * @param maxValues how many values a chunk may hold, at least 1; a single row may exceed it
   * @param consumer receives the chunks
   * @throws IllegalArgumentException if the type is another, or a row has more values than an array can hold
   * @throws IOException if reading fails
   */
  public void forEachChunk(TensorInfo tensor, int maxValues, ChunkConsumer consumer)
      throws IOException {
    require(
        tensor.type().isReadable(),
        "tensor %s: dtype %s cannot be read as float32".formatted(tensor.name(), tensor.type()));
    long rows = tensor.rows();
    long rowSize = tensor.rowSize();
    require(
        rowSize <= Integer.MAX_VALUE - 8,
        "tensor %s: a row of %d values is too long".formatted(tensor.name(), rowSize));
    if (rows == 0 || rowSize == 0) {
      return;
    }
    int rowsPerChunk = (int) Math.min(rows, Math.max(1, maxValues / rowSize));
    float[] values = new float[(int) (rowsPerChunk * rowSize)];
    for (long row = 0; row < rows; row += rowsPerChunk) {
      int count = (int) Math.min(rowsPerChunk, rows - row);
      readValues(tensor, row * rowSize, values, (int) (count * rowSize));
      consumer.accept(row, count, values);
    }
  }

  private void readValues(TensorInfo tensor, long firstValue, float[] values, int count)
      throws IOException {
    int width = tensor.type().bits() / Byte.SIZE;
    long position = dataStart + tensor.begin() + firstValue * width;
    for (int done = 0; done < count; ) {
      int part = Math.min(count - done, READ_BYTES / width);
      tensor.type().decode(read(position, part * width), values, done, part);
      position += (long) part * width;
      done += part;
    }
  }

  private ByteBuffer read(long position, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + bytes.position()) < 0) {
        throw new EOFException(file + " ended at byte " + (position + bytes.position()));
      }
    }
    return bytes.flip();
  }

  /** Closes the file. */
  @Override
  public void close() throws IOException {
    channel.close();
  }

  private void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(file + ": " + message);
    }
  }

  /** Receives the values of a tensor chunk by chunk. */
  @FunctionalInterface
  public interface ChunkConsumer {
    /**
     * Takes one chunk.
     *
     * @param firstRow the chunk's first row
     * @param rows how many rows it has
     * @param values the rows one after the other; the array is used again for the next chunk, and what lies after the
     *     last row is left over
     * @throws IOException if the values cannot be stored
     */
    void accept(long firstRow, int rows, float[] values) throws IOException;
  }

  /**
   * What the header says about a tensor.
   *
   * @param name the tensor's name
   * @param type of its elements
   * @param shape dimensions, each 0 or more; empty for a scalar
   * @param begin its first byte, counted from the start of the data section
   * @param end the byte after its last
   */
  public record TensorInfo(
      String name, SafetensorsType type, List<Long> shape, long begin, long end) {
    /** {@return the size of dimension 0, or 1 for a scalar} */
    public long rows() {
      return shape.isEmpty() ? 1 : shape.get(0);
    }

    /** {@return the number of values in a row: the product of the dimensions after the first} */
    public long rowSize() {
      return shape.stream().skip(1).reduce(1L, Math::multiplyExact);
    }
  }
}
