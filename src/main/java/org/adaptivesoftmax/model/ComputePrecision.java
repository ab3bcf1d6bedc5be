package org.adaptivesoftmax.model;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * The type in which a network multiplies matrices. Everything else is float32: weights, activations, sums, loss, gradients
 * and the optimizer's moments.
 */
public enum ComputePrecision {
  /** Products in float32. */
  FLOAT32(TFloat32.class),
  /**
   * Products of operands that are rounded to bfloat16, which has float32's range and 8 bits of its digits: mixed precision.
   * Worth it on processors that multiply bfloat16 themselves, and slower on all others.
   */
  BFLOAT16(TBfloat16.class);

  private final Class<? extends TFloating> type;

  ComputePrecision(Class<? extends TFloating> type) {
    this.type = type;
  }

  /** The operands' type. */
  public Class<? extends TFloating> type() {
    return type;
  }

  /** Values as {@link #product} takes them. */
  public Operand<? extends TFloating> operand(Ops tf, Operand<TFloat32> values) {
    return this == FLOAT32 ? values : tf.dtypes.cast(values, type);
  }

  /**
   * The product of two matrices, in float32.
   *
   * @param a an {@link #operand}
   * @param b an {@link #operand}
   * @param options whether one is transposed
   */
  @SuppressWarnings("unchecked")
  public Operand<TFloat32> product(
      Ops tf,
      Operand<? extends TFloating> a,
      Operand<? extends TFloating> b,
      MatMul.Options... options) {
    Operand<TFloating> product =
        tf.linalg.matMul((Operand<TFloating>) a, (Operand<TFloating>) b, options);
    return tf.dtypes.cast(product, TFloat32.class);
  }
}
