package org.adaptivesoftmax.gradient;

import java.util.List;
import org.adaptivesoftmax.internal.graph.PlacedScope;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.family.TType;

/** What builds the ops of a backward pass: on the device of the forward pass, by a {@link PlacedScope}. */
public final class BackwardOps {
  private final Ops tf;

  BackwardOps(Ops tf, String device) {
    this.tf = PlacedScope.ops(tf, device);
  }

  /** Builds ops on the device of the forward pass. */
  public Ops tf() {
    return tf;
  }

  /**
   * The product of two matrices.
   *
   * @param transposeA whether the first is transposed
   */
  public <T extends TType> Operand<T> matMul(Operand<T> a, Operand<T> b, boolean transposeA) {
    return matMul(a, b, transposeA, false);
  }

  /**
   * The product of two matrices.
   *
   * @param transposeA whether the first is transposed
   * @param transposeB whether the second is transposed
   */
  public <T extends TType> Operand<T> matMul(
      Operand<T> a, Operand<T> b, boolean transposeA, boolean transposeB) {
    return tf.linalg.matMul(a, b, MatMul.transposeA(transposeA), MatMul.transposeB(transposeB));
  }

  /** The value, once all of the others have been computed. */
  <T extends TType> Operand<T> after(List<? extends Operand<?>> others, Operand<T> value) {
    return tf.withName("gradient").withControlDependencies(List.<Op>copyOf(others)).identity(value);
  }
}
