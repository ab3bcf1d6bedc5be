package org.adaptivesoftmax.server;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.adaptivesoftmax.internal.tensors.ProtoTensors;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorProto;

/** Strings of requests: texts, or bytes such as those of a serialized example. */
final class Strings {
  private Strings() {}

  /** Of {@code String}, if all are texts, else of bytes. */
  static NdArray<?> array(Shape shape, List<ByteString> strings) {
    return strings.stream().allMatch(ByteString::isValidUtf8)
        ? NdArrays.wrap(
            shape,
            DataBuffers.ofObjects(
                strings.stream().map(ByteString::toStringUtf8).toArray(String[]::new)))
        : NdArrays.wrap(
            shape,
            DataBuffers.ofObjects(
                strings.stream().map(ByteString::toByteArray).toArray(byte[][]::new)));
  }

  /**
   * The tensors of a request.
   *
   * @throws RequestFailure if a message holds none
   */
  static Map<String, NdArray<?>> decode(Map<String, TensorProto> messages) {
    Map<String, NdArray<?>> tensors = new TreeMap<>();
    messages.forEach(
        (name, message) -> {
          try {
            NdArray<?> decoded = ProtoTensors.decode(message);
            boolean bytes =
                message.getDtype() == DataType.DT_STRING
                    && message.getStringValCount() == decoded.size()
                    && !message.getStringValList().stream().allMatch(ByteString::isValidUtf8);
            tensors.put(name, bytes ? array(decoded.shape(), message.getStringValList()) : decoded);
          } catch (IllegalArgumentException e) {
            throw RequestFailure.invalid("tensor %s: %s".formatted(name, e.getMessage()));
          }
        });
    return tensors;
  }
}
