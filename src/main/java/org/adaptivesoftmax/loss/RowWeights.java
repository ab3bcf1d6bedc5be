package org.adaptivesoftmax.loss;

import org.adaptivesoftmax.internal.graph.Checks;
import org.adaptivesoftmax.internal.graph.ClassTable;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Rows;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/** What the rows' losses are multiplied by: the caller's weight of each row and the weight of its target's class. */
final class RowWeights {
  private RowWeights() {}

  /**
   * The caller's weights in the type of the loss; null where there are none. The run fails if there is not one for each row.
   *
   * @param x the batch, [N, inFeatures]
   * @throws IllegalArgumentException if they are no vector, or static shapes tell that there is not one for each row
   */
  static <R extends TFloating> @Nullable Operand<R> ofCaller(
      Ops tf,
      Class<R> type,
      Operand<? extends TFloating> x,
      @Nullable Operand<? extends TFloating> sampleWeights) {
    if (sampleWeights == null) {
      return null;
    }
    Checks.oneForEachRow(sampleWeights, x, "sampleWeights");
    return Precision.cast(
        tf, Checks.oneEach(tf, sampleWeights, Rows.count(tf, x), "sampleWeights"), type);
  }

  /**
   * The caller's weights times the classes', [rows]; null where every row is weighed 1.
   *
   * @param ofCaller [rows], or null
   * @param targets class ids, [rows]
   */
  static <R extends TFloating> @Nullable Operand<R> of(
      Ops tf,
      Class<R> type,
      LossSettings settings,
      @Nullable Operand<R> ofCaller,
      Operand<TInt64> targets) {
    double[] classWeights = settings.classWeights();
    if (classWeights == null) {
      return ofCaller;
    }
    Operand<R> ofClass =
        tf.gather(
            Precision.cast(tf, tf.constant(classWeights), type),
            new ClassTable(settings.order()).places(tf, targets),
            tf.constant(0));
    return ofCaller == null ? ofClass : tf.math.mul(ofCaller, ofClass);
  }
}
