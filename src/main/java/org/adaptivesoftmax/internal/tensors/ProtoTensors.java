package org.adaptivesoftmax.internal.tensors;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.ndarray.BooleanNdArray;
import org.tensorflow.ndarray.DoubleNdArray;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.IntNdArray;
import org.tensorflow.ndarray.LongNdArray;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/** Tensors as messages. */
public final class ProtoTensors {
  /** Values that a message may leave out at most, as they equal the last one that it lists. */
  private static final int MAX_LEFT_OUT = 1 << 20;

  private static final long REFERENCE = 8;

  /** A string and its characters' array, without the characters. */
  private static final long STRING = 48;

  private ProtoTensors() {}

  /** Numbers as little-endian bytes, as Python's clients send them; strings one by one. */
  public static TensorProto encode(NdArray<?> array) {
    TensorType type = TensorType.of(array);
    TensorProto.Builder proto =
        TensorProto.newBuilder().setDtype(type.proto()).setTensorShape(shape(array.shape()));
    int size = Math.toIntExact(array.size());
    if (type == TensorType.STRING) {
      array.scalars().forEach(text -> proto.addStringVal(utf8(text)));
    } else if (size > 0) {
      ByteBuffer bytes = ByteBuffer.allocate(size * width(type)).order(ByteOrder.LITTLE_ENDIAN);
      put(array, bytes);
      proto.setTensorContent(ByteString.copyFrom(bytes.rewind()));
    }
    return proto.build();
  }

  /** Numbers one by one, in the field of their type, as TensorFlow Serving answers. */
  public static TensorProto encodeValues(NdArray<?> array) {
    TensorType type = TensorType.of(array);
    TensorProto.Builder proto =
        TensorProto.newBuilder().setDtype(type.proto()).setTensorShape(shape(array.shape()));
    switch (type) {
      case FLOAT -> array.scalars().forEach(value -> proto.addFloatVal((float) value.getObject()));
      case DOUBLE ->
          array.scalars().forEach(value -> proto.addDoubleVal((double) value.getObject()));
      case INT32 -> array.scalars().forEach(value -> proto.addIntVal((int) value.getObject()));
      case INT64 -> array.scalars().forEach(value -> proto.addInt64Val((long) value.getObject()));
      case BOOL -> array.scalars().forEach(value -> proto.addBoolVal((boolean) value.getObject()));
      case STRING -> array.scalars().forEach(text -> proto.addStringVal(utf8(text)));
    }
    return proto.build();
  }

  private static ByteString utf8(NdArray<?> text) {
    return ByteString.copyFromUtf8((String) text.getObject());
  }

  private static int width(TensorType type) {
    return switch (type) {
      case DOUBLE, INT64 -> 8;
      case FLOAT, INT32 -> 4;
      default -> 1;
    };
  }

  private static void put(NdArray<?> array, ByteBuffer bytes) {
    if (array instanceof FloatNdArray floats) {
      floats.copyTo(DataBuffers.of(bytes.asFloatBuffer()));
    } else if (array instanceof DoubleNdArray doubles) {
      doubles.copyTo(DataBuffers.of(bytes.asDoubleBuffer()));
    } else if (array instanceof IntNdArray ints) {
      ints.copyTo(DataBuffers.of(bytes.asIntBuffer()));
    } else if (array instanceof LongNdArray longs) {
      longs.copyTo(DataBuffers.of(bytes.asLongBuffer()));
    } else if (array instanceof BooleanNdArray booleans) {
      booleans.scalars().forEach(value -> bytes.put(one(value.getBoolean())));
    }
  }

  private static byte one(boolean value) {
    return (byte) (value ? 1 : 0);
  }

  private static TensorShapeProto shape(Shape shape) {
    TensorShapeProto.Builder proto = TensorShapeProto.newBuilder();
    for (long size : shape.asArray()) {
      proto.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
    }
    return proto.build();
  }

  /**
   * @throws IllegalArgumentException if the message has a type that is not supported, or another number of values than
   *     its shape
   */
  public static NdArray<?> decode(TensorProto proto) {
    Shape shape = TensorType.shape(proto.getTensorShape());
    TensorType type = TensorType.of(proto.getDtype());
    int size = size(shape, type);
    if (type == TensorType.STRING || proto.getTensorContent().isEmpty()) {
      int listed = listed(proto, type);
      Require.argument(
          listed <= size && size - listed <= MAX_LEFT_OUT,
          "tensor of %d values has %d",
          size,
          listed);
    }
    if (type == TensorType.STRING) {
      // Each once: what is repeated is the same string.
      List<String> listed = proto.getStringValList().stream().map(ProtoTensors::utf8).toList();
      List<String> texts = new ArrayList<>(size);
      repeat(listed, "", size, texts::add);
      return NdArrays.wrap(shape, DataBuffers.ofObjects(texts.toArray(String[]::new)));
    }
    ByteBuffer bytes =
        proto.getTensorContent().isEmpty()
            ? listed(proto, type, size)
            : proto.getTensorContent().asReadOnlyByteBuffer();
    Require.argument(
        bytes.remaining() == size * width(type),
        "tensor %s of %s has %d bytes",
        shape,
        type,
        bytes.remaining());
    return wrap(shape, type, bytes.order(ByteOrder.LITTLE_ENDIAN));
  }

  /**
   * How much memory a message's values take: a few bytes may stand for many.
   *
   * @throws IllegalArgumentException as {@link #decode}
   */
  public static long bytes(TensorProto proto) {
    TensorType type = TensorType.of(proto.getDtype());
    long size = size(TensorType.shape(proto.getTensorShape()), type);
    if (type != TensorType.STRING) {
      return size * width(type);
    }
    long listed = proto.getStringValList().stream().mapToLong(ByteString::size).sum();
    return size * REFERENCE + proto.getStringValCount() * STRING + 2 * listed;
  }

  private static int size(Shape shape, TensorType type) {
    Require.argument(
        !shape.isUnknown() && LongStream.of(shape.asArray()).allMatch(each -> each >= 0),
        "tensor must have a known shape: %s",
        shape);
    try {
      long size = LongStream.of(shape.asArray()).reduce(1, Math::multiplyExact);
      return Math.toIntExact(Math.multiplyExact(size, width(type))) / width(type);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("tensor is too large: " + shape, e);
    }
  }

  private static String utf8(ByteString text) {
    return text.toStringUtf8();
  }

  private static int listed(TensorProto proto, TensorType type) {
    return switch (type) {
      case FLOAT -> proto.getFloatValCount();
      case DOUBLE -> proto.getDoubleValCount();
      case INT32 -> proto.getIntValCount();
      case INT64 -> proto.getInt64ValCount();
      case BOOL -> proto.getBoolValCount();
      case STRING -> proto.getStringValCount();
    };
  }

  /** The values that a message lists one by one, as bytes. */
  private static ByteBuffer listed(TensorProto proto, TensorType type, int size) {
    ByteBuffer bytes = ByteBuffer.allocate(size * width(type)).order(ByteOrder.LITTLE_ENDIAN);
    switch (type) {
      case FLOAT -> repeat(proto.getFloatValList(), 0f, size, bytes::putFloat);
      case DOUBLE -> repeat(proto.getDoubleValList(), 0d, size, bytes::putDouble);
      case INT32 -> repeat(proto.getIntValList(), 0, size, bytes::putInt);
      case INT64 -> repeat(proto.getInt64ValList(), 0L, size, bytes::putLong);
      case BOOL -> repeat(proto.getBoolValList(), false, size, value -> bytes.put(one(value)));
      case STRING -> throw new AssertionError("strings are not bytes of one width");
    }
    return bytes.rewind();
  }

  /** A tensor whose last values are equal may list them once, and one of zeros nothing. */
  private static <T> void repeat(List<T> values, T none, int size, Consumer<T> put) {
    int last = values.size() - 1;
    for (int i = 0; i < size; i++) {
      put.accept(last < 0 ? none : values.get(Math.min(i, last)));
    }
  }

  private static NdArray<?> wrap(Shape shape, TensorType type, ByteBuffer bytes) {
    return switch (type) {
      case FLOAT -> NdArrays.wrap(shape, DataBuffers.of(bytes.asFloatBuffer()));
      case DOUBLE -> NdArrays.wrap(shape, DataBuffers.of(bytes.asDoubleBuffer()));
      case INT32 -> NdArrays.wrap(shape, DataBuffers.of(bytes.asIntBuffer()));
      case INT64 -> NdArrays.wrap(shape, DataBuffers.of(bytes.asLongBuffer()));
      case BOOL -> {
        boolean[] values = new boolean[bytes.remaining()];
        for (int i = 0; i < values.length; i++) {
          values[i] = bytes.get() != 0;
        }
        yield NdArrays.wrap(shape, DataBuffers.of(values));
      }
      case STRING -> throw new AssertionError("strings are not bytes of one width");
    };
  }
}
