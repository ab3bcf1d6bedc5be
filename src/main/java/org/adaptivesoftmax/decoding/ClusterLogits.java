package org.adaptivesoftmax.decoding;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * How a layer scores a head and tail clusters, before any softmax.
 *
 * @param <T> type of the input and the logits
 */
public interface ClusterLogits<T extends TFloating> {
  /**
   * The logits of the shortlist and then of one cluster entry per tail cluster, [rows, headSize].
   *
   * @param x [rows, inFeatures]
   */
  Operand<T> head(Ops tf, Operand<T> x);

  /**
   * The logits of a tail cluster's classes, [rows, tailSize].
   *
   * @param tail counted from 0
   * @param x [rows, inFeatures]
   */
  Operand<T> tail(Ops tf, int tail, Operand<T> x);

  /** The same scores in whichever form is fastest: nobody asks for a gradient of them. By default, these. */
  default ClusterLogits<T> withoutGradient() {
    return this;
  }

  /** Ops on the device where a cluster lives: 0 for the head, i for the i-th tail cluster. By default, on any. */
  default Ops place(Ops tf, int cluster) {
    return tf;
  }
}
