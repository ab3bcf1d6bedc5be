package org.adaptivesoftmax.internal.tensors;

import java.nio.charset.StandardCharsets;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.BooleanNdArray;
import org.tensorflow.ndarray.DoubleNdArray;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.IntNdArray;
import org.tensorflow.ndarray.LongNdArray;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/** Arrays as tensors in native memory, and copies of those in the heap. */
public final class NativeTensors {
  private NativeTensors() {}

  /** Arrays of objects are of {@link String}, or of bytes. */
  @SuppressWarnings("unchecked") // Its elements are of one type.
  public static Tensor tensor(NdArray<?> array) {
    return switch (TensorType.of(array)) {
      case FLOAT -> TFloat32.tensorOf((FloatNdArray) array);
      case DOUBLE -> TFloat64.tensorOf((DoubleNdArray) array);
      case INT32 -> TInt32.tensorOf((IntNdArray) array);
      case INT64 -> TInt64.tensorOf((LongNdArray) array);
      case BOOL -> TBool.tensorOf((BooleanNdArray) array);
      case STRING ->
          array.size() > 0 && array.scalars().iterator().next().getObject() instanceof byte[]
              ? TString.tensorOfBytes((NdArray<byte[]>) array)
              : TString.tensorOf(StandardCharsets.UTF_8, (NdArray<String>) array);
    };
  }

  /**
   * @throws IllegalArgumentException if the tensor's type is not supported
   */
  public static NdArray<?> array(Tensor tensor) {
    Shape shape = tensor.shape();
    int size = Math.toIntExact(shape.size());
    if (tensor instanceof TFloat32 floats) {
      float[] values = new float[size];
      floats.asRawTensor().data().asFloats().read(values);
      return NdArrays.wrap(shape, DataBuffers.of(values));
    } else if (tensor instanceof TFloat64 doubles) {
      double[] values = new double[size];
      doubles.asRawTensor().data().asDoubles().read(values);
      return NdArrays.wrap(shape, DataBuffers.of(values));
    } else if (tensor instanceof TInt32 ints) {
      int[] values = new int[size];
      ints.asRawTensor().data().asInts().read(values);
      return NdArrays.wrap(shape, DataBuffers.of(values));
    } else if (tensor instanceof TInt64 longs) {
      long[] values = new long[size];
      longs.asRawTensor().data().asLongs().read(values);
      return NdArrays.wrap(shape, DataBuffers.of(values));
    } else if (tensor instanceof TBool booleans) {
      boolean[] values = new boolean[size];
      booleans.asRawTensor().data().asBooleans().read(values);
      return NdArrays.wrap(shape, DataBuffers.of(values));
    } else if (tensor instanceof TString texts) {
      String[] values = texts.streamOfObjects().toArray(String[]::new);
      return NdArrays.wrap(shape, DataBuffers.ofObjects(values));
    }
    throw new IllegalArgumentException("tensor type is not supported: " + tensor.dataType());
  }
}
