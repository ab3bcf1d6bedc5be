package org.adaptivesoftmax.assoftmax;

import java.util.List;
import org.adaptivesoftmax.internal.graph.Checks;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Rows;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Stack;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TNumber;

/**
 * The labels of the rows of logits, checked.
 *
 * @param targets in 0..classes−1, 0 for a row without a label, [rows]
 * @param labelled which rows have a label, [rows]
 * @param shape the shape that the labels came in, [rank]
 */
record RowLabels(Operand<TInt64> targets, Operand<TBool> labelled, Operand<TInt64> shape) {

  /**
   * @param labels [...]
   * @param logits [..., classes], for its shape
   * @throws IllegalArgumentException if the labels are not int32 or int64, or their shape is known not to go with the
   *     logits'
   */
  static RowLabels of(
      Ops tf,
      Operand<? extends TNumber> labels,
      Operand<? extends TNumber> logits,
      LogitRows<?> rows,
      long ignoreIndex) {
    Require.argument(
        labels.type() == TInt32.class || labels.type() == TInt64.class,
        "labels must be int32 or int64: %s",
        labels.type().getSimpleName());
    requireShape(labels.shape(), logits.shape());
    Operand<TInt64> shape = tf.shape(labels, TInt64.class);
    Operand<TInt64> flat = sameShape(tf, labels, shape, rows);
    Operand<TBool> labelled = tf.math.notEqual(flat, tf.constant(ignoreIndex));
    Operand<TInt64> targets = tf.select(labelled, flat, tf.zerosLike(flat));
    return new RowLabels(checked(tf, targets, rows.classes(), ignoreIndex), labelled, shape);
  }

  /** Where the targets stand among the logits, [rows, 2]. */
  Operand<TInt64> places(Ops tf) {
    Operand<TInt64> rows =
        tf.range(tf.constant(0L), tf.size(targets, TInt64.class), tf.constant(1L));
    return tf.stack(List.of(rows, targets), Stack.axis(1L));
  }

  private static void requireShape(Shape labels, Shape logits) {
    if (labels.isUnknown() || logits.isUnknown()) {
      return;
    }
    Require.argument(
        labels.isCompatibleWith(logits.take(logits.numDimensions() - 1)),
        "labels must have the shape of the logits without their classes: shapes %s and %s",
        labels,
        logits);
  }

  /** The labels as int64, [rows]. */
  private static Operand<TInt64> sameShape(
      Ops tf, Operand<? extends TNumber> labels, Operand<TInt64> shape, LogitRows<?> logits) {
    Operand<TInt64> withClasses =
        tf.concat(List.of(shape, tf.expandDims(logits.classes(), tf.constant(0))), tf.constant(0));
    return Checks.atRun(
        tf,
        tf.reshape(Precision.cast(tf, labels, TInt64.class), tf.constant(new int[] {-1})),
        logits.hasShape(tf, withClasses),
        tf.constant("labels must have the shape of the logits without their classes: shapes"),
        shape,
        logits.shape());
  }

  private static Operand<TInt64> checked(
      Ops tf, Operand<TInt64> targets, Operand<TInt64> classes, long ignoreIndex) {
    Operand<TBool> valid =
        tf.math.logicalAnd(
            tf.math.greaterEqual(targets, tf.constant(0L)), tf.math.less(targets, classes));
    Operand<TInt64> invalid = Rows.take(tf, targets, Rows.where(tf, tf.math.logicalNot(valid)));
    return Checks.atRun(
        tf,
        targets,
        tf.reduceAll(valid, tf.constant(0)),
        tf.constant("labels must be in 0.."),
        tf.math.sub(classes, tf.constant(1L)),
        tf.constant("or ignoreIndex %d:".formatted(ignoreIndex)),
        invalid);
  }
}
