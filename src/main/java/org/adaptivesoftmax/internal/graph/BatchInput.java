package org.adaptivesoftmax.internal.graph;

import java.util.List;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/**
 * An input that may come without its batch dimension, checked against the layer as far as its static shape is known.
 *
 * @param rows [N, inFeatures]
 * @param single whether the input came as [inFeatures]
 */
public record BatchInput<T extends TFloating>(Operand<T> rows, boolean single) {
  /**
   * @throws IllegalArgumentException if the input is neither [N, inFeatures] nor [inFeatures], or has another type
   */
  public static <T extends TFloating> BatchInput<T> of(
      Ops tf, Class<T> type, Operand<T> input, int inFeatures) {
    Require.argument(
        input.type() == type,
        "input must be %s, the layer's type: %s",
        type.getSimpleName(),
        input.type().getSimpleName());
    Shape shape = input.shape();
    if (shape.isUnknown()) {
      return new BatchInput<>(input, false);
    }
    int rank = shape.numDimensions();
    Require.argument(
        rank == 1 || rank == 2, "input must be [N, inFeatures] or [inFeatures]: shape %s", shape);
    long width = shape.get(rank - 1);
    Require.argument(
        width == Shape.UNKNOWN_SIZE || width == inFeatures,
        "input's last dimension must be inFeatures %d: shape %s",
        inFeatures,
        shape);
    return rank == 2
        ? new BatchInput<>(input, false)
        : new BatchInput<>(tf.expandDims(input, tf.constant(0)), true);
  }

  /**
   * Targets as one per row.
   *
   * @throws IllegalArgumentException if the targets are not int32 or int64, or their shape does not go with the input's
   */
  public Operand<? extends TNumber> targets(Ops tf, Operand<? extends TNumber> target) {
    Checks.integer(target, "target");
    Shape shape = target.shape();
    Checks.rank(shape, single ? 0 : 1, "target");
    if (single) {
      return tf.expandDims(target, tf.constant(0));
    }
    Shape input = rows.shape();
    if (!shape.isUnknown() && !input.isUnknown()) {
      Require.argument(
          shape.get(0) == input.get(0)
              || shape.get(0) == Shape.UNKNOWN_SIZE
              || input.get(0) == Shape.UNKNOWN_SIZE,
          "input and target must have the same number of rows: shapes %s and %s",
          input,
          shape);
    }
    return target;
  }

  /**
   * Candidates as [N, m].
   *
   * @throws IllegalArgumentException if the candidates are not int32 or int64, or their shape does not go with the input's
   */
  public Operand<? extends TNumber> candidates(Ops tf, Operand<? extends TNumber> candidates) {
    Checks.integer(candidates, "candidates");
    Checks.rank(candidates.shape(), single ? 1 : 2, "candidates");
    return single ? tf.expandDims(candidates, tf.constant(0)) : candidates;
  }

  /**
   * Temperatures as [N].
   *
   * @throws IllegalArgumentException if the temperatures are not float32 or float64, or their shape does not go with the
   *     input's
   */
  public Operand<? extends TFloating> temperatures(
      Ops tf, Operand<? extends TFloating> temperature) {
    Require.argument(
        temperature.type() == TFloat32.class || temperature.type() == TFloat64.class,
        "temperature must be float32 or float64: %s",
        temperature.type().getSimpleName());
    Checks.rank(temperature.shape(), single ? 0 : 1, "temperature");
    return single ? tf.expandDims(temperature, tf.constant(0)) : temperature;
  }

  /** A result without its batch dimension, if the input came without one. */
  public <V extends TType> Operand<V> unbatched(Ops tf, Operand<V> result) {
    return single ? tf.squeeze(result, Squeeze.axis(List.of(0L))) : result;
  }
}
