package org.adaptivesoftmax.loss;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Rows;
import org.adaptivesoftmax.internal.weights.Clusters;
import org.adaptivesoftmax.internal.weights.LayerWeights;
import org.adaptivesoftmax.internal.weights.Linear;
import org.adaptivesoftmax.loss.ClassLoss.RowLoss;
import org.adaptivesoftmax.loss.MarginLoss.Level;
import org.adaptivesoftmax.loss.MarginLoss.OwnTail;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * The dynamic form of an adaptive softmax's loss: each row is scored in the head, and in its target's tail cluster alone.
 *
 * @param <C> type of the weights as they are multiplied
 * @param <R> type of log-probabilities and loss
 */
public final class ClusterLoss<C extends TFloating, R extends TFloating> {
  private final ClusterPlan plan;
  private final LayerWeights<C> weights;
  private final Class<R> type;
  private final double smoothing;
  private final double tailDropout;
  private final long seed;
  private final LossOptions options;

  public ClusterLoss(
      ClusterPlan plan,
      LayerWeights<C> weights,
      Class<R> type,
      double smoothing,
      double tailDropout,
      long seed,
      LossOptions options) {
    this.plan = plan;
    this.weights = weights;
    this.type = type;
    this.smoothing = smoothing;
    this.tailDropout = tailDropout;
    this.seed = seed;
    this.options = options;
  }

  /**
   * @param x [rows, inFeatures]
   * @param ranks of the targets, [rows]
   */
  public RowLoss<R> of(Ops tf, Operand<C> x, Operand<TInt32> ranks) {
    boolean withMean = smoothing > 0;
    Linear<C> head = weights.head();
    Operand<TInt32> headTargets = Clusters.headPlaces(tf, ranks, plan.cutoffs());
    RowLogProb<R> inHead =
        RowLogProb.of(weights.placement().place(tf, 0), type, x, head, headTargets, withMean);
    Operand<R> logProb = inHead.target();
    Operand<R> mean = inHead.mean();
    Operand<TInt64> size = tf.size(ranks, TInt64.class);
    List<OwnTail<C, R>> scored = new ArrayList<>();
    for (int tail = 0; tail < plan.nTails(); tail++) {
      Operand<TInt64> rows = Rows.ranked(tf, ranks, plan.tailStart(tail), plan.tailEnd(tail));
      Operand<TInt32> targets =
          tf.math.sub(Rows.take(tf, ranks, rows), tf.constant(plan.tailStart(tail)));
      Ops placed = weights.placement().place(tf, tail + 1);
      Operand<C> projected = projected(placed, tail, Rows.take(tf, x, rows));
      Linear<C> classes = weights.tails().get(tail).classes();
      RowLogProb<R> inTail = RowLogProb.of(placed, type, projected, classes, targets, withMean);
      logProb = tf.math.add(logProb, Rows.spread(tf, inTail.target(), rows, size));
      if (mean != null && inTail.mean() != null) {
        mean = tf.math.add(mean, Rows.spread(tf, inTail.mean(), rows, size));
      }
      scored.add(new OwnTail<>(rows, targets, new Level<>(placed, projected, classes, inTail.p())));
    }
    if (options.delta() == null) {
      return new RowLoss<>(logProb, smoothed(tf, logProb, mean, smoothing));
    }
    MarginLoss<C, R> margin =
        new MarginLoss<>(
            tf,
            MarginLoss.checkedDelta(tf, type, options.delta()),
            new Level<>(weights.placement().place(tf, 0), x, head, inHead.p()),
            headTargets,
            scored,
            (tail, rows) -> level(tf, tail, Rows.take(tf, x, rows)),
            plan.shortlistSize());
    return new RowLoss<>(logProb, margin.loss(logProb));
  }

  /**
   * −(1 − ε) log p(target) − ε (mean log-probability at each level).
   *
   * @param mean null without smoothing
   * @param smoothing ε
   */
  public static <R extends TFloating> Operand<R> smoothed(
      Ops tf, Operand<R> logProb, @Nullable Operand<R> mean, double smoothing) {
    if (mean == null) {
      return tf.math.neg(logProb);
    }
    Operand<R> kept = Precision.cast(tf, tf.constant(smoothing - 1), logProb.type());
    Operand<R> spread = Precision.cast(tf, tf.constant(smoothing), logProb.type());
    return tf.math.sub(tf.math.mul(kept, logProb), tf.math.mul(spread, mean));
  }

  /** A tail cluster's softmax of rows, whatever their targets. */
  private Level<C, R> level(Ops tf, int tail, Operand<C> x) {
    Ops placed = weights.placement().place(tf, tail + 1);
    Operand<C> projected = projected(placed, tail, x);
    Linear<C> classes = weights.tails().get(tail).classes();
    Operand<R> logits = Precision.cast(placed, classes.apply(placed, projected), type);
    return new Level<>(placed, projected, classes, placed.nn.softmax(logits));
  }

  private Operand<C> projected(Ops tf, int tail, Operand<C> x) {
    Operand<C> projected = weights.tails().get(tail).projection().project(tf, x);
    return options.training() && tailDropout > 0
        ? Dropout.apply(tf, projected, tailDropout, seed + tail)
        : projected;
  }
}
