package org.adaptivesoftmax.client;

import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.adaptivesoftmax.internal.tensors.TensorType;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.LongNdArray;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.error.Code;

/**
 * What a signature answered. The batch is dimension 0 of each output.
 *
 * @param target model, version and signature that were asked, for errors
 * @param version the version that answered, where it tells: REST does not
 * @param outputs by their names in the signature; for an empty batch, which is answered without a call, none
 */
public record Prediction(String target, OptionalLong version, Map<String, NdArray<?>> outputs) {
  /**
   * An output of type float32.
   *
   * @param name of the output
   * @return its values
   * @throws ModelServerException if the answer has no such output, or of another type
   */
  public FloatNdArray floats(String name) {
    if (outputs.get(name) instanceof FloatNdArray floats) {
      return floats;
    }
    throw missing(name, "float32");
  }

  /**
   * An output of type int64.
   *
   * @param name of the output
   * @return its values
   * @throws ModelServerException if the answer has no such output, or of another type
   */
  public LongNdArray longs(String name) {
    if (outputs.get(name) instanceof LongNdArray longs) {
      return longs;
    }
    throw missing(name, "int64");
  }

  /**
   * An output of type string, read as UTF-8.
   *
   * @param name of the output
   * @return its values
   * @throws ModelServerException if the answer has no such output, or of another type
   */
  @SuppressWarnings("unchecked") // Its elements are of one type.
  public NdArray<String> strings(String name) {
    NdArray<?> output = outputs.get(name);
    if (output != null && TensorType.of(output) == TensorType.STRING) {
      return (NdArray<String>) output;
    }
    throw missing(name, "string");
  }

  /**
   * Checks outputs that are read together.
   *
   * @throws ModelServerException if one is missing, has another number of dimensions, or they differ in shape
   */
  public Prediction requireAlike(int rank, String... names) {
    Shape first = null;
    for (String name : names) {
      NdArray<?> output = outputs.get(name);
      if (output == null) {
        throw missing(name, "there");
      }
      Shape shape = output.shape();
      first = first == null ? shape : first;
      if (shape.numDimensions() != rank || !shape.equals(first)) {
        throw new ModelServerException(
            Code.INTERNAL,
            target,
            "output %s must have %d dimensions, as %s: %s and %s"
                .formatted(name, rank, names[0], shape, first),
            null);
      }
    }
    return this;
  }

  private ModelServerException missing(String name, String type) {
    NdArray<?> found = outputs.get(name);
    return new ModelServerException(
        Code.FAILED_PRECONDITION,
        target,
        found == null
            ? "answer has no output %s: %s".formatted(name, new TreeSet<>(outputs.keySet()))
            : "output %s must be %s: %s".formatted(name, type, TensorType.of(found)),
        null);
  }
}
