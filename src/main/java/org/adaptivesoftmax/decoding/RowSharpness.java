package org.adaptivesoftmax.decoding;

import java.util.List;
import org.adaptivesoftmax.internal.graph.Checks;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Rows;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TFloating;

/** β = 1/τ of each row, [N, 1], which a temperature τ multiplies log-probabilities by. */
final class RowSharpness {
  private RowSharpness() {}

  /**
   * One β for all rows; null if it is 1.
   *
   * @param head the rows' logits in the head
   */
  static <R extends TFloating> @Nullable Operand<R> of(
      Ops tf, SampleOptions options, Operand<R> head) {
    if (!options.isTempered()) {
      return null;
    }
    Operand<R> sharpness = Precision.cast(tf, tf.constant(options.sharpness()), head.type());
    return tf.fill(tf.stack(List.of(Rows.count(tf, head), tf.constant(1))), sharpness);
  }

  /**
   * The β of each row's temperature; the run fails if one is not above 0 and finite, or there is not one for each row.
   *
   * @param temperature [N]
   * @param head as above
   */
  static <R extends TFloating> Operand<R> of(
      Ops tf, Operand<? extends TFloating> temperature, Operand<R> head) {
    Operand<TFloat64> values =
        Precision.cast(
            tf,
            Checks.oneEach(tf, temperature, Rows.count(tf, head), "temperature"),
            TFloat64.class);
    Operand<TBool> valid =
        tf.math.logicalAnd(tf.math.greater(values, tf.constant(0.0)), tf.math.isFinite(values));
    Operand<TFloat64> invalid = Rows.take(tf, values, Rows.where(tf, tf.math.logicalNot(valid)));
    Operand<TFloat64> checked =
        Checks.atRun(
            tf,
            values,
            tf.reduceAll(valid, tf.constant(0)),
            tf.constant("temperature must be above 0 and finite:"),
            invalid);
    Operand<TFloat64> sharpness = SampleOptions.sharpness(tf, checked);
    return tf.expandDims(Precision.cast(tf, sharpness, head.type()), tf.constant(1));
  }
}
