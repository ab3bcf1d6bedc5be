package org.adaptivesoftmax.internal.graph;

import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/** Which type a layer computes in: half precision stores weights and activations, float32 holds sums of exponentials. */
public final class Precision {
  private Precision() {}

  public static <T extends TFloating> Class<T> requireSupported(Class<T> type) {
    return requireSupported("type", type);
  }

  public static <T extends TFloating> Class<T> requireSupported(String name, Class<T> type) {
    Require.argument(
        type == TFloat32.class || type == TFloat64.class || isHalf(type),
        "%s must be TFloat32, TFloat64, TBfloat16 or TFloat16: %s",
        name,
        type.getSimpleName());
    return type;
  }

  /** The type of log-probabilities and losses of a layer. */
  public static Class<? extends TFloating> resultType(Class<? extends TFloating> type) {
    return isHalf(type) ? TFloat32.class : type;
  }

  /** The operand in the given type: itself, where it has that type already. */
  @SuppressWarnings("unchecked")
  public static <R extends TNumber> Operand<R> cast(
      Ops tf, Operand<? extends TType> operand, Class<R> type) {
    return operand.type() == type ? (Operand<R>) operand : tf.dtypes.cast(operand, type);
  }

  private static boolean isHalf(Class<?> type) {
    return type == TBfloat16.class || type == TFloat16.class;
  }
}
