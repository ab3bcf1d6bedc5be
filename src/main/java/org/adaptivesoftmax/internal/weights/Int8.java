package org.adaptivesoftmax.internal.weights;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TNumber;

/**
 * Whole numbers in −128..127 as TensorFlow's int8. TensorFlow Java has no tensors of that type, and cannot save a variable of
 * it: variables hold the same bytes as uint8, which costs nothing to read as int8.
 */
public final class Int8 {
  private Int8() {}

  /** The bytes of whole numbers in −128..127. */
  public static Operand<TUint8> bytes(Ops tf, Operand<TFloat32> numbers) {
    return tf.bitcast(op(tf, "Cast", numbers, "DstT"), TUint8.class);
  }

  /** The whole numbers of bytes. */
  public static Operand<TFloat32> numbers(Ops tf, Operand<? extends TNumber> bytes) {
    return tf.dtypes.cast(op(tf, "Bitcast", bytes, "type"), TFloat32.class);
  }

  /** An op whose result is int8. */
  private static Operand<TNumber> op(
      Ops tf, String type, Operand<? extends TNumber> input, String resultType) {
    return tf.scope()
        .opBuilder(type, type)
        .addInput(input.asOutput())
        .setAttr(resultType, DataType.DT_INT8)
        .build()
        .output(0);
  }
}
