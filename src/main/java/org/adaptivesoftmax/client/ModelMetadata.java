package org.adaptivesoftmax.client;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.adaptivesoftmax.internal.tensors.TensorType;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;

/**
 * A model's signatures.
 *
 * @param version the version that they belong to
 * @param signatures by their keys
 */
public record ModelMetadata(long version, Map<String, SignatureMetadata> signatures) {
  /** Among the signatures, but none: it tells loaders which operation to run. */
  public static final String INIT_OP = "__saved_model_init_op";

  /**
   * What a signature takes and gives.
   *
   * @param methodName such as {@code tensorflow/serving/predict}
   * @param inputs by name
   * @param outputs by name
   */
  public record SignatureMetadata(
      String methodName, Map<String, TensorMetadata> inputs, Map<String, TensorMetadata> outputs) {}

  /**
   * A tensor of a signature.
   *
   * @param type of its elements
   * @param shape with unknown dimensions, such as the batch
   */
  public record TensorMetadata(DataType type, Shape shape) {
    public boolean accepts(TensorMetadata given) {
      return type == given.type && shape.isCompatibleWith(given.shape);
    }

    /** A shape of its own never equals another one if a dimension is unknown. */
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof TensorMetadata that
          && type == that.type
          && Arrays.equals(shape.asArray(), that.shape.asArray());
    }

    @Override
    public int hashCode() {
      return 31 * type.hashCode() + Arrays.hashCode(shape.asArray());
    }

    /** {@return for instance "DT_FLOAT [-1, 8]"} */
    @Override
    public String toString() {
      return type + " " + shape;
    }
  }

  public static ModelMetadata of(long version, Map<String, SignatureDef> signatures) {
    Map<String, SignatureMetadata> metadata = new TreeMap<>();
    signatures.forEach(
        (key, signature) ->
            metadata.put(
                key,
                new SignatureMetadata(
                    signature.getMethodName(),
                    tensors(signature.getInputsMap()),
                    tensors(signature.getOutputsMap()))));
    metadata.remove(INIT_OP);
    return new ModelMetadata(version, metadata);
  }

  private static Map<String, TensorMetadata> tensors(Map<String, TensorInfo> infos) {
    Map<String, TensorMetadata> tensors = new TreeMap<>();
    infos.forEach(
        (name, info) ->
            tensors.put(
                name,
                new TensorMetadata(info.getDtype(), TensorType.shape(info.getTensorShape()))));
    return tensors;
  }
}
