package org.adaptivesoftmax.model;

import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * What an {@link LstmWindow} reads: some rows, and which of them each place of the window reads. A word that occurs ten times
 * in a window is one row, and is multiplied once.
 *
 * @param rows [n, inputs]
 * @param places the row of each place, time-major, [steps · batch]; null if the rows are the places
 */
public record LstmInput(Operand<TFloat32> rows, @Nullable Operand<TInt32> places) {
  /** What was computed of each row, [n, width], at each place, [steps · batch, width]. */
  public Operand<TFloat32> atPlaces(Ops tf, Operand<TFloat32> ofRows) {
    return places == null ? ofRows : tf.gather(ofRows, places, tf.constant(0));
  }

  /** The sum over the places of each row, [n, width]: the gradient of {@link #atPlaces}. */
  public Operand<TFloat32> sums(Ops tf, Operand<TFloat32> atPlaces) {
    return places == null
        ? atPlaces
        : tf.math.unsortedSegmentSum(
            atPlaces, places, tf.stridedSlice(tf.shape(rows), Indices.at(0)));
  }
}
