package org.adaptivesoftmax.pytorch;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.internal.io.OneLine;
import org.adaptivesoftmax.internal.io.Require;

/**
 * The operations and the float32 constants of an <a href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">ONNX</a>
 * file. Only what naming an encoder's weights needs is read.
 *
 * @param nodes operations in their order
 * @param tensors constants by name
 */
record OnnxGraph(List<Node> nodes, Map<String, Tensor> tensors) {
  // Fields of the messages in onnx.proto.
  private static final int MODEL_GRAPH = 7;
  private static final int GRAPH_NODE = 1;
  private static final int GRAPH_INITIALIZER = 5;
  private static final int NODE_INPUT = 1;
  private static final int NODE_OUTPUT = 2;
  private static final int NODE_TYPE = 4;
  private static final int TENSOR_DIMS = 1;
  private static final int TENSOR_TYPE = 2;
  private static final int TENSOR_NAME = 8;
  private static final int TENSOR_RAW = 9;
  private static final int TYPE_FLOAT = 1;

  /** An operation. */
  record Node(String type, List<String> inputs, List<String> outputs) {}

  /**
   * A constant.
   *
   * @param shape its sizes
   * @param values row by row
   */
  record Tensor(List<Long> shape, FloatBuffer values) {}

  /** Reads fields of a message that are known, and says whether it did. */
  @FunctionalInterface
  private interface Fields {
    boolean read(int field) throws IOException;
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException if it is no such file, or damaged
   */
  static OnnxGraph read(Path file) throws IOException {
    OnnxGraph graph = new OnnxGraph(new ArrayList<>(), new LinkedHashMap<>());
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      CodedInputStream in =
          CodedInputStream.newInstance(
              channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
      in.enableAliasing(true);
      boolean[] found = {false};
      forEachField(
          in,
          field -> {
            found[0] |= field == MODEL_GRAPH;
            return field == MODEL_GRAPH && within(in, graphField -> graph.field(in, graphField));
          });
      Require.argument(found[0], "%s: no ONNX file: it has no graph", file);
      return graph;
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      String problem = e.getMessage();
      throw new IllegalArgumentException(
          OneLine.of(
              problem != null && problem.startsWith(file.toString())
                  ? problem
                  : "%s: no ONNX file, or a damaged one: %s".formatted(file, problem)),
          e);
    }
  }

  private boolean field(CodedInputStream in, int field) throws IOException {
    if (field == GRAPH_NODE) {
      readNode(in);
    } else if (field == GRAPH_INITIALIZER) {
      readTensor(in);
    } else {
      return false;
    }
    return true;
  }

  private void readNode(CodedInputStream in) throws IOException {
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    StringBuilder type = new StringBuilder();
    within(
        in,
        field -> {
          switch (field) {
            case NODE_INPUT -> inputs.add(in.readString());
            case NODE_OUTPUT -> outputs.add(in.readString());
            case NODE_TYPE -> type.append(in.readString());
            default -> {
              return false;
            }
          }
          return true;
        });
    nodes.add(new Node(type.toString(), inputs, outputs));
  }

  private void readTensor(CodedInputStream in) throws IOException {
    List<Long> shape = new ArrayList<>();
    int[] type = {0};
    StringBuilder name = new StringBuilder();
    ByteBuffer[] raw = {ByteBuffer.allocate(0)};
    within(
        in,
        field -> {
          switch (field) {
            case TENSOR_DIMS -> readSizes(in, shape);
            case TENSOR_TYPE -> type[0] = in.readInt32();
            case TENSOR_NAME -> name.append(in.readString());
            case TENSOR_RAW -> raw[0] = in.readByteBuffer();
            default -> {
              return false;
            }
          }
          return true;
        });
    if (type[0] == TYPE_FLOAT) {
      FloatBuffer values = raw[0].order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
      long size = shape.stream().reduce(1L, Math::multiplyExact);
      Require.argument(
          raw[0].remaining() == Float.BYTES * size,
          "tensor %s of shape %s has %d bytes",
          name,
          shape,
          raw[0].remaining());
      tensors.put(name.toString(), new Tensor(List.copyOf(shape), values));
    }
  }

  /** A repeated number, packed or not. */
  private static void readSizes(CodedInputStream in, List<Long> sizes) throws IOException {
    if (WireFormat.getTagWireType(in.getLastTag()) == WireFormat.WIRETYPE_VARINT) {
      sizes.add(in.readInt64());
      return;
    }
    int outer = in.pushLimit(in.readRawVarint32());
    while (in.getBytesUntilLimit() > 0) {
      sizes.add(in.readInt64());
    }
    in.popLimit(outer);
  }

  /** Reads a message inside another one. */
  private static boolean within(CodedInputStream in, Fields fields) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    forEachField(in, fields);
    in.popLimit(outer);
    return true;
  }

  private static void forEachField(CodedInputStream in, Fields fields) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (!fields.read(WireFormat.getTagFieldNumber(tag))) {
        in.skipField(tag);
      }
    }
  }
}
