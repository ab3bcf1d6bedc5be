package org.adaptivesoftmax.internal.tensors;

import org.tensorflow.ndarray.BooleanNdArray;
import org.tensorflow.ndarray.ByteNdArray;
import org.tensorflow.ndarray.DoubleNdArray;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.IntNdArray;
import org.tensorflow.ndarray.LongNdArray;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.ShortNdArray;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorShapeProto;

/** The types of tensors that requests and answers have; arrays of objects are of strings. */
public enum TensorType {
  FLOAT(DataType.DT_FLOAT),
  DOUBLE(DataType.DT_DOUBLE),
  INT32(DataType.DT_INT32),
  INT64(DataType.DT_INT64),
  BOOL(DataType.DT_BOOL),
  STRING(DataType.DT_STRING);

  private final DataType proto;

  TensorType(DataType proto) {
    this.proto = proto;
  }

  public DataType proto() {
    return proto;
  }

  /**
   * @throws IllegalArgumentException if there is no such type
   */
  public static TensorType of(DataType proto) {
    for (TensorType type : values()) {
      if (type.proto == proto) {
        return type;
      }
    }
    throw new IllegalArgumentException("tensor type is not supported: " + proto);
  }

  /**
   * @throws IllegalArgumentException if the array is of another type
   */
  public static TensorType of(NdArray<?> array) {
    if (array instanceof FloatNdArray) {
      return FLOAT;
    } else if (array instanceof DoubleNdArray) {
      return DOUBLE;
    } else if (array instanceof IntNdArray) {
      return INT32;
    } else if (array instanceof LongNdArray) {
      return INT64;
    } else if (array instanceof BooleanNdArray) {
      return BOOL;
    } else if (array instanceof ByteNdArray || array instanceof ShortNdArray) {
      throw new IllegalArgumentException(
          "tensor type is not supported: " + array.getClass().getSimpleName());
    }
    return STRING;
  }

  /** A shape as TensorFlow's messages give it. */
  public static Shape shape(TensorShapeProto proto) {
    return proto.getUnknownRank()
        ? Shape.unknown()
        : Shape.of(proto.getDimList().stream().mapToLong(TensorShapeProto.Dim::getSize).toArray());
  }

  @Override
  public String toString() {
    return proto.toString();
  }
}
