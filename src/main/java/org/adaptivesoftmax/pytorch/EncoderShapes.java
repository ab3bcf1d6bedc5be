package org.adaptivesoftmax.pytorch;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.model.EncoderConfiguration;
import org.adaptivesoftmax.model.TransformerEncoder;
import org.adaptivesoftmax.pytorch.Safetensors.TensorInfo;
import org.tensorflow.Graph;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/** The names and shapes that an encoder's weights must have. */
final class EncoderShapes {
  private EncoderShapes() {}

  /**
   * Compares tensors with the variables of an encoder.
   *
   * @param tensors by BERT's names; others beside them are ignored
   * @throws IllegalArgumentException if one is missing, or has another shape or a type that cannot be read
   */
  static void require(
      Safetensors file, Map<String, TensorInfo> tensors, EncoderConfiguration configuration) {
    try (Graph graph = new Graph()) {
      Map<String, Variable<TFloat32>> variables =
          TransformerEncoder.create(Ops.create(graph), configuration, 0).parameters();
      variables.forEach(
          (name, variable) -> {
            TensorInfo tensor = tensors.get(name);
            Require.argument(tensor != null, "%s: no tensor is named %s", file.file(), name);
            if (tensor != null) {
              requireFitting(file, tensor, variable);
            }
          });
    }
  }

  private static void requireFitting(
      Safetensors file, TensorInfo tensor, Variable<TFloat32> variable) {
    List<Long> shape = Arrays.stream(variable.shape().asArray()).boxed().toList();
    Require.argument(
        tensor.shape().equals(shape),
        "%s: tensor %s must have the shape %s of %s: %s",
        file.file(),
        tensor.name(),
        shape,
        PretrainedEncoder.CONFIGURATION,
        tensor.shape());
    Require.argument(
        tensor.type().isReadable(),
        "%s: tensor %s: dtype %s cannot be read as float32",
        file.file(),
        tensor.name(),
        tensor.type());
  }
}
