package org.adaptivesoftmax.loss;

import org.adaptivesoftmax.internal.graph.Checks;
import org.adaptivesoftmax.internal.graph.ClassIds;
import org.adaptivesoftmax.internal.graph.Rows;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * The targets of a batch, checked.
 *
 * @param settings of the loss
 * @param ids a class id for each row, or {@code ignoreIndex}, [N]
 */
public record Targets(LossSettings settings, Operand<TInt64> ids) {
  /**
   * Targets whose run fails if one is neither a class nor {@code ignoreIndex}, or if there is not one for each row.
   *
   * @param x the batch, [N, inFeatures]
   * @param targets int32 or int64, [N]
   */
  public static Targets checked(
      Ops tf,
      LossSettings settings,
      Operand<? extends TFloating> x,
      Operand<? extends TNumber> targets) {
    Operand<TInt32> inputRows = Rows.count(tf, x);
    Operand<TInt32> targetRows = tf.size(targets);
    ClassIds ids = new ClassIds("target", settings.order(), settings.ignoreIndex(), "ignoreIndex");
    return new Targets(
        settings,
        Checks.atRun(
            tf,
            ids.checked(tf, targets),
            tf.math.equal(inputRows, targetRows),
            tf.constant("input and target must have the same number of rows:"),
            inputRows,
            targetRows));
  }

  /** A class id for each row, any where a row has no label. */
  public Operand<TInt64> classes(Ops tf) {
    Operand<TBool> labelled = mask(tf);
    return labelled == null
        ? ids
        : tf.select(labelled, ids, tf.fill(tf.shape(ids), tf.constant(settings.order().label(0))));
  }

  /**
   * The loss, given the log-probability of each row's class, with no gradient by any weight.
   *
   * @param logProb of {@link #classes}, [N]
   * @param options whose weights of the rows count
   * @throws IllegalArgumentException if static shapes tell that there is not one weight for each row
   */
  public <R extends TFloating> SoftmaxLoss loss(Ops tf, Operand<R> logProb, LossOptions options) {
    Operand<R> weights = RowWeights.ofCaller(tf, logProb.type(), logProb, options.sampleWeights());
    LabelledRows rows = labelled(tf);
    return rows.reduced(tf, settings, RowLoss.of(tf, rows.ofBatch(tf, logProb)), weights);
  }

  /** The rows that have a label. */
  LabelledRows labelled(Ops tf) {
    Operand<TBool> labelled = mask(tf);
    Operand<TInt64> batch = tf.size(ids, TInt64.class);
    if (labelled == null) {
      return new LabelledRows(ids, null, batch);
    }
    Operand<TInt64> places = Rows.where(tf, labelled);
    return new LabelledRows(Rows.take(tf, ids, places), places, batch);
  }

  /** Which rows have a label, [N]; null where all have. */
  @Nullable Operand<TBool> mask(Ops tf) {
    return settings.ignoreIndex().isEmpty()
        ? null
        : tf.math.notEqual(ids, tf.constant(settings.ignoreIndex().getAsLong()));
  }
}
