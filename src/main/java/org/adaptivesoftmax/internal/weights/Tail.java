package org.adaptivesoftmax.internal.weights;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/** A tail cluster as inference scores it. */
public interface Tail<T extends TFloating> {
  /**
   * The logits of the cluster's classes, [rows, size].
   *
   * @param x [rows, inFeatures]
   */
  Operand<T> logits(Ops tf, Operand<T> x);

  /** {@link #logits} in whichever form is fastest, with or without a gradient. */
  default Operand<T> scores(Ops tf, Operand<T> x) {
    return logits(tf, x);
  }
}
