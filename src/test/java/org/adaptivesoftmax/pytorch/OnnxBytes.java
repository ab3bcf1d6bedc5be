package org.adaptivesoftmax.pytorch;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.adaptivesoftmax.pytorch.Safetensors.TensorInfo;

/** Writes an encoder as PyTorch exports it as ONNX: matrices turned round and without their names. */
final class OnnxBytes {
  private OnnxBytes() {}

  @FunctionalInterface
  private interface Message {
    void writeTo(CodedOutputStream out) throws IOException;
  }

  private static ByteString bytes(Message message) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    message.writeTo(out);
    out.flush();
    return ByteString.copyFrom(bytes.toByteArray());
  }

  /** A model whose graph has nothing. */
  static byte[] empty() throws IOException {
    return bytes(out -> out.writeBytes(7, ByteString.EMPTY)).toByteArray();
  }

  static void write(Path onnx, Path safetensors) throws IOException {
    try (Safetensors file = Safetensors.open(safetensors)) {
      ByteString graph = bytes(out -> writeGraph(out, file));
      Files.write(
          onnx,
          bytes(
                  out -> {
                    out.writeInt64(1, 7);
                    out.writeBytes(7, graph);
                  })
              .toByteArray());
    }
  }

  private static void writeGraph(CodedOutputStream out, Safetensors file) throws IOException {
    int number = 0;
    for (TensorInfo tensor : file.tensors().values()) {
      String name = tensor.name().substring("bert.".length());
      boolean matrix =
          name.endsWith(".weight") && name.startsWith("encoder") && !name.contains("LayerNorm");
      float[] values = new float[(int) (tensor.rows() * tensor.rowSize())];
      file.forEachChunk(
          tensor,
          values.length,
          (row, rows, chunk) -> System.arraycopy(chunk, 0, values, 0, values.length));
      if (!matrix) {
        out.writeBytes(5, tensor(name, tensor.shape(), values));
        continue;
      }
      String anonymous = "onnx::MatMul_" + number++;
      String bias = name.replace(".weight", ".bias");
      String product = name + "/MatMul_output_0";
      out.writeBytes(1, node("MatMul", List.of("x", anonymous), product));
      // The sum's operands stand in either order.
      List<String> sum = number % 2 == 0 ? List.of(product, bias) : List.of(bias, product);
      out.writeBytes(1, node("Add", sum, name + "/Add_output_0"));
      out.writeBytes(
          5,
          tensor(
              anonymous,
              List.of(tensor.shape().get(1), tensor.shape().get(0)),
              turned(values, (int) tensor.rows())));
    }
    out.writeBytes(5, bytes(constant -> constant.writeInt32(2, 7))); // a shape, int64
  }

  private static float[] turned(float[] values, int rows) {
    int columns = values.length / rows;
    float[] turned = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      turned[i % columns * rows + i / columns] = values[i];
    }
    return turned;
  }

  private static ByteString node(String type, List<String> inputs, String output)
      throws IOException {
    return bytes(
        out -> {
          for (String input : inputs) {
            out.writeString(1, input);
          }
          out.writeString(2, output);
          out.writeString(4, type);
        });
  }

  private static ByteString tensor(String name, List<Long> shape, float[] values)
      throws IOException {
    ByteBuffer raw =
        ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    return bytes(
        out -> {
          for (long size : shape) {
            out.writeInt64(1, size);
          }
          out.writeInt32(2, 1);
          out.writeString(8, name);
          out.writeByteArray(9, raw.array());
        });
  }
}
