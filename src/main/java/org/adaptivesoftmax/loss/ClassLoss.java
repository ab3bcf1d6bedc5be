package org.adaptivesoftmax.loss;

import java.util.List;
import java.util.OptionalLong;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.internal.graph.Checks;
import org.adaptivesoftmax.internal.graph.ClassIds;
import org.adaptivesoftmax.internal.graph.ClassTable;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Rows;
import org.adaptivesoftmax.internal.io.Require;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * What every output layer does around its own mathematics: it checks targets, leaves out rows without a label, ranks the
 * class ids, weighs the rows' losses and reduces them.
 */
public final class ClassLoss {
  private final LabelOrder order;
  private final OptionalLong ignoreIndex;
  private final double @Nullable [] classWeights;
  private final Reduction reduction;
  private final double labelSmoothing;

  private ClassLoss(
      LabelOrder order,
      OptionalLong ignoreIndex,
      double @Nullable [] classWeights,
      Reduction reduction,
      double labelSmoothing) {
    this.order = order;
    this.ignoreIndex = ignoreIndex;
    this.classWeights = classWeights;
    this.reduction = reduction;
    this.labelSmoothing = labelSmoothing;
  }

  /**
   * The settings, checked.
   *
   * @param order the class ids by rank
   * @param ignoreIndex the target of a row without a label
   * @param classWeights one weight per class, by increasing class id; null weighs every class 1
   * @param reduction how the rows' losses become the loss
   * @param labelSmoothing share of the target distribution that is spread evenly, in [0, 1)
   * @throws IllegalArgumentException if a setting is out of its range or has another size than nClasses
   */
  public static ClassLoss checked(
      LabelOrder order,
      int nClasses,
      OptionalLong ignoreIndex,
      double @Nullable [] classWeights,
      Reduction reduction,
      double labelSmoothing) {
    Require.argument(
        order.size() == nClasses,
        "labelOrder must hold nClasses %d ids: %d",
        nClasses,
        order.size());
    Require.argument(
        labelSmoothing >= 0 && labelSmoothing < 1,
        "labelSmoothing must be in [0, 1): %s",
        labelSmoothing);
    if (classWeights != null) {
      Require.argument(
          classWeights.length == nClasses,
          "classWeights must hold nClasses %d values: %d",
          nClasses,
          classWeights.length);
      for (int i = 0; i < nClasses; i++) {
        Require.argument(
            classWeights[i] >= 0 && Double.isFinite(classWeights[i]),
            "classWeights must be finite and not negative: %s at %d",
            classWeights[i],
            i);
      }
    }
    return new ClassLoss(order, ignoreIndex, classWeights, reduction, labelSmoothing);
  }

  /** Scores rows that all have a label. */
  @FunctionalInterface
  public interface RowScorer<T extends TFloating, R extends TFloating> {
    /**
     * Scores the rows.
     *
     * @param x [rows, inFeatures]
     * @param ranks the targets' ranks, [rows]
     */
    RowLoss<R> score(Ops tf, Operand<T> x, Operand<TInt32> ranks);
  }

  /**
   * What a row costs.
   *
   * @param logProb of the target, [rows]
   * @param loss before weighing, [rows]
   */
  public record RowLoss<R extends TFloating>(Operand<R> logProb, Operand<R> loss) {}

  /** The labelled rows of a batch. */
  private record Labelled<T extends TFloating>(
      Operand<T> x, Operand<TInt64> target, @Nullable Operand<TInt64> rows) {}

  public LabelOrder order() {
    return order;
  }

  public Reduction reduction() {
    return reduction;
  }

  public double labelSmoothing() {
    return labelSmoothing;
  }

  public <T extends TFloating, R extends TFloating> SoftmaxLoss of(
      Ops tf,
      Class<R> type,
      Operand<T> x,
      Operand<? extends TNumber> targets,
      LossOptions options,
      RowScorer<T, R> scorer) {
    Operand<TInt64> target = checked(tf, x, targets);
    Labelled<T> labelled = labelled(tf, x, target);
    RowLoss<R> rows =
        scorer.score(tf, labelled.x, new ClassTable(order).ranks(tf, labelled.target));
    Operand<R> weights = weights(tf, type, labelled.target, labelled.rows, options.sampleWeights());
    Operand<R> loss = weights == null ? rows.loss : tf.math.mul(rows.loss, weights);
    Operand<TInt64> size = tf.size(target, TInt64.class);
    return new SoftmaxLoss(
        spread(tf, rows.logProb, labelled.rows, size),
        switch (reduction) {
          case NONE -> spread(tf, loss, labelled.rows, size);
          case SUM -> tf.reduceSum(loss, tf.constant(0));
          case MEAN -> mean(tf, type, loss, weights);
        });
  }

  /** Scores rows of which some may have no label, in static shapes. */
  @FunctionalInterface
  public interface FixedScorer<R extends TFloating> {
    /**
     * @param ranks the targets' ranks, or any, [rows]
     * @param weights factor of each row's loss in the batch's, 0 for a row without a label, [rows]
     */
    FixedLoss<R> score(Ops tf, Operand<TInt32> ranks, Operand<R> weights);
  }

  /**
   * What a row costs, and a term of 0 that carries the gradient of the weighted sum of the rows' losses.
   *
   * @param rows not differentiable
   */
  public record FixedLoss<R extends TFloating>(RowLoss<R> rows, Operand<R> gradient) {}

  /** The same as {@link #of}, with every row scored. */
  public <R extends TFloating> SoftmaxLoss fixed(
      Ops tf,
      Class<R> type,
      Operand<? extends TFloating> x,
      Operand<? extends TNumber> targets,
      LossOptions options,
      FixedScorer<R> scorer) {
    Operand<TInt64> target = checked(tf, x, targets);
    Operand<TBool> labelled = null;
    if (ignoreIndex.isPresent()) {
      labelled = tf.math.notEqual(target, tf.constant(ignoreIndex.getAsLong()));
      Operand<TInt64> any = tf.fill(tf.shape(target), tf.constant(order.label(0)));
      target = tf.select(labelled, target, any);
    }
    Operand<R> weights = weights(tf, type, target, null, options.sampleWeights());
    if (weights == null) {
      weights = tf.fill(tf.shape(target), Precision.cast(tf, tf.constant(1.0), type));
    }
    weights = orZero(tf, labelled, weights);
    if (reduction == Reduction.MEAN) {
      weights = tf.math.div(weights, orOne(tf, tf.reduceSum(weights, tf.constant(0))));
    }
    FixedLoss<R> scored = scorer.score(tf, new ClassTable(order).ranks(tf, target), weights);
    Operand<R> losses = orZero(tf, labelled, tf.math.mul(scored.rows.loss, weights));
    return new SoftmaxLoss(
        orZero(tf, labelled, scored.rows.logProb),
        tf.math.add(tf.reduceSum(losses, tf.constant(0)), scored.gradient));
  }

  private static <R extends TFloating> Operand<R> orZero(
      Ops tf, @Nullable Operand<TBool> condition, Operand<R> values) {
    return condition == null ? values : tf.select(condition, values, tf.zerosLike(values));
  }

  /** The targets as int64; the run fails if one is no target, or there is not one per row. */
  private Operand<TInt64> checked(
      Ops tf, Operand<? extends TFloating> x, Operand<? extends TNumber> targets) {
    Operand<TInt32> inputRows = Rows.count(tf, x);
    Operand<TInt32> targetRows = tf.size(targets);
    Op sameRows =
        tf.assertThat(
            tf.math.equal(inputRows, targetRows),
            List.of(
                tf.constant("input and target must have the same number of rows:"),
                inputRows,
                targetRows));
    ClassIds ids = new ClassIds("target", order, ignoreIndex, "ignoreIndex");
    return tf.withControlDependencies(List.of(sameRows)).identity(ids.checked(tf, targets));
  }

  private <T extends TFloating> Labelled<T> labelled(Ops tf, Operand<T> x, Operand<TInt64> target) {
    if (ignoreIndex.isEmpty()) {
      return new Labelled<>(x, target, null);
    }
    Operand<TInt64> rows =
        Rows.where(tf, tf.math.notEqual(target, tf.constant(ignoreIndex.getAsLong())));
    return new Labelled<>(Rows.take(tf, x, rows), Rows.take(tf, target, rows), rows);
  }

  private <R extends TFloating> @Nullable Operand<R> weights(
      Ops tf,
      Class<R> type,
      Operand<TInt64> target,
      @Nullable Operand<TInt64> rows,
      @Nullable Operand<? extends TFloating> sampleWeights) {
    Operand<R> weights = null;
    if (sampleWeights != null) {
      Checks.rank(sampleWeights.shape(), 1, "sampleWeights");
      weights = Precision.cast(tf, sampleWeights, type);
      if (rows != null) {
        weights = Rows.take(tf, weights, rows);
      }
    }
    if (classWeights != null) {
      Operand<R> byClass =
          tf.gather(
              Precision.cast(tf, tf.constant(classWeights), type),
              new ClassTable(order).place(tf, target),
              tf.constant(0));
      weights = weights == null ? byClass : tf.math.mul(weights, byClass);
    }
    return weights;
  }

  /** Weighted mean; 0 with zero gradients where there is nothing to average. */
  private <R extends TFloating> Operand<R> mean(
      Ops tf, Class<R> type, Operand<R> loss, @Nullable Operand<R> weights) {
    Operand<R> total =
        weights == null
            ? Precision.cast(tf, tf.size(loss), type)
            : tf.reduceSum(weights, tf.constant(0));
    return tf.math.div(tf.reduceSum(loss, tf.constant(0)), orOne(tf, total));
  }

  private static <R extends TFloating> Operand<R> orOne(Ops tf, Operand<R> total) {
    Class<R> type = total.type();
    Operand<TBool> nothing =
        tf.math.equal(tf.stopGradient(total), Precision.cast(tf, tf.constant(0.0), type));
    return tf.select(nothing, Precision.cast(tf, tf.constant(1.0), type), total);
  }

  private <R extends TFloating> Operand<R> spread(
      Ops tf, Operand<R> values, @Nullable Operand<TInt64> rows, Operand<TInt64> size) {
    return rows == null ? values : Rows.spread(tf, values, rows, size);
  }
}
