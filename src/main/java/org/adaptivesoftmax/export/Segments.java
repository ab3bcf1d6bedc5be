package org.adaptivesoftmax.export;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.op.math.Cumsum;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/** Segments of different lengths that lie one after the other. */
final class Segments {
  private Segments() {}

  /** Where each segment starts, [segments], from their lengths. */
  static <T extends TNumber> Operand<T> starts(Ops tf, Operand<T> lengths) {
    return tf.math.cumsum(lengths, tf.constant(0), Cumsum.exclusive(true));
  }

  /**
   * The last of the segments that start at a place or before it, for each place.
   *
   * @param starts of the segments, in increasing order
   * @param places none before the first start
   */
  static <T extends TNumber> Operand<TInt32> containing(
      Ops tf, Operand<T> starts, Operand<T> places) {
    Operand<TInt32> row = tf.constant(0);
    Operand<TInt32> after =
        tf.upperBound(tf.expandDims(starts, row), tf.expandDims(places, row), TInt32.class);
    return tf.math.sub(tf.squeeze(after, Squeeze.axis(List.of(0L))), tf.constant(1));
  }
}
