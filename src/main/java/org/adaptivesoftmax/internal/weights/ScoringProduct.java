package org.adaptivesoftmax.internal.weights;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.SwitchCond;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * x Wᵀ for inference, by whichever of TensorFlow's products is faster for the number of rows. With float32 on a processor and
 * a wide x, MatMul is nearly as fast as reading W for up to three rows, but takes three times as long as Einsum for 16, and
 * longer still for 64. Where the number of rows is not known, the run chooses.
 */
final class ScoringProduct {
  /** Width of x from which on the two differ. */
  private static final int WIDE = 256;

  /** Rows from which on Einsum is faster. */
  private static final int MANY = 8;

  private ScoringProduct() {}

  /**
   * @param x [rows, in]
   * @param weight [out, in]
   * @return [rows, out]
   */
  static <T extends TFloating> Operand<T> of(Ops tf, Operand<T> x, Operand<T> weight) {
    if (!isChosenByRun(x, weight)) {
      return differs(x, weight) && x.shape().get(0) >= MANY
          ? einsum(tf, x, weight)
          : matMul(tf, x, weight);
    }
    int valuesOfMany = (int) Math.multiplyExact(MANY, weight.shape().get(1));
    Operand<TBool> many = tf.math.greaterEqual(tf.size(x), tf.constant(valuesOfMany));
    // A switch rather than a conditional of functions, which would have to be handed the weights.
    SwitchCond<T> either = tf.switchCond(x, many);
    return tf.merge(
            List.of(
                matMul(tf, either.outputFalse(), weight), einsum(tf, either.outputTrue(), weight)))
        .output();
  }

  /** Whether it is chosen when the graph runs. */
  static boolean isChosenByRun(Operand<?> x, Operand<?> weight) {
    return differs(x, weight) && x.shape().get(0) == Shape.UNKNOWN_SIZE;
  }

  private static boolean differs(Operand<?> x, Operand<?> weight) {
    return x.type() == TFloat32.class && weight.shape().get(1) >= WIDE;
  }

  private static <T extends TFloating> Operand<T> matMul(Ops tf, Operand<T> x, Operand<T> weight) {
    return tf.linalg.matMul(x, weight, MatMul.transposeB(true));
  }

  private static <T extends TFloating> Operand<T> einsum(Ops tf, Operand<T> x, Operand<T> weight) {
    return tf.linalg.einsum(List.of(x, weight), "ri,oi->ro");
  }
}
