package org.adaptivesoftmax.assoftmax;

import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Select;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.framework.losses.Reduction;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * A loss of logits with one label for each row, as {@link AdaptiveSparseSoftmax} takes them.
 *
 * @param ignoreIndex the label of a row without a label
 * @param reduction how the losses of the rows become the loss
 */
record LabelledLoss(long ignoreIndex, Reduction reduction) {

  /** What rows cost. */
  @FunctionalInterface
  interface Rows {
    /**
     * The losses, differentiable.
     *
     * @param logits [rows, classes]
     * @param places of the targets, [rows, 2]
     * @return [rows]
     */
    <R extends TFloating> Operand<R> losses(Ops tf, Operand<R> logits, Operand<TInt64> places);
  }

  <T extends TNumber> Operand<T> call(
      Ops tf,
      Operand<? extends TNumber> labels,
      Operand<T> logits,
      @Nullable Operand<T> sampleWeights,
      Rows rows) {
    LogitRows<?> all = LogitRows.of(tf, logits, LogitRows.typeFor(logits));
    RowLabels labelled = RowLabels.of(tf, labels, logits, all, ignoreIndex);
    RowReduction reduced =
        new RowReduction(reduction, labels.shape(), labelled.shape(), labelled.labelled());
    return Precision.cast(
        tf,
        reduced.of(tf, counted(tf, all.values(), labelled, rows), sampleWeights),
        logits.type());
  }

  private static <R extends TFloating> Operand<R> counted(
      Ops tf, Operand<R> logits, RowLabels labelled, Rows rows) {
    Operand<R> losses = rows.losses(tf, logits, labelled.places(tf));
    return Select.orZero(tf, labelled.labelled(), losses);
  }
}
