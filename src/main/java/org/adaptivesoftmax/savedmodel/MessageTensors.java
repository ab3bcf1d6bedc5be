package org.adaptivesoftmax.savedmodel;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import org.tensorflow.EagerSession;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/** Tensors that came as messages, in native memory until this is closed. TensorFlow itself converts them. */
final class MessageTensors implements AutoCloseable {
  private final EagerSession eager;
  private final Map<String, Tensor> tensors;

  private MessageTensors(EagerSession eager, Map<String, Tensor> tensors) {
    this.eager = eager;
    this.tensors = tensors;
  }

  /**
   * Tensors from messages.
   *
   * @throws org.tensorflow.exceptions.TensorFlowException if a message holds no tensor
   */
  static MessageTensors of(Map<String, TensorProto> messages) {
    return of(messages, (tf, tensor) -> tensor);
  }

  /**
   * The first rows of tensors from messages.
   *
   * @throws org.tensorflow.exceptions.TensorFlowException if a message holds no tensor
   */
  static MessageTensors firstRows(Map<String, TensorProto> messages, int rows) {
    return of(messages, (tf, tensor) -> tf.stridedSlice(tensor, Indices.sliceTo(rows)));
  }

  private static MessageTensors of(
      Map<String, TensorProto> messages,
      BiFunction<Ops, Operand<? extends TType>, Operand<? extends TType>> change) {
    EagerSession eager = EagerSession.create();
    try {
      Ops tf = Ops.create(eager);
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      messages.forEach(
          (name, message) -> tensors.put(name, change.apply(tf, parse(tf, message)).asTensor()));
      return new MessageTensors(eager, tensors);
    } catch (Throwable failure) {
      eager.close();
      throw failure;
    }
  }

  @SuppressWarnings("unchecked") // A tensor's elements are of some type.
  private static Operand<? extends TType> parse(Ops tf, TensorProto message) {
    try (TString bytes = TString.tensorOfBytes(NdArrays.scalarOfObject(message.toByteArray()))) {
      // By the operation's own name, as its class asks for the element type as a Java class.
      return (Output<? extends TType>)
          tf.scope()
              .opBuilder("ParseTensor", "ParseTensor")
              .addInput(tf.constantOf(bytes).asOutput())
              .setAttr("out_type", message.getDtype())
              .build()
              .output(0);
    }
  }

  /** A copy of a tensor as a message. */
  static TensorProto message(TType tensor) {
    try (EagerSession eager = EagerSession.create()) {
      Ops tf = Ops.create(eager);
      byte[] bytes = tf.io.serializeTensor(tf.constantOf(tensor)).asTensor().asBytes().getObject();
      return TensorProto.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  /** By name; this object owns them. */
  Map<String, Tensor> byName() {
    return tensors;
  }

  @Override
  public void close() {
    eager.close();
  }
}
