package org.adaptivesoftmax.loss;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.internal.graph.Checks;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Ranks;
import org.adaptivesoftmax.internal.graph.Rows;
import org.adaptivesoftmax.internal.weights.LayerWeights;
import org.adaptivesoftmax.internal.weights.Linear;
import org.adaptivesoftmax.internal.weights.TailCluster;
import org.adaptivesoftmax.loss.MarginLoss.Level;
import org.adaptivesoftmax.loss.MarginLoss.OwnTail;
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
final class ClusterLoss<C extends TFloating, R extends TFloating> {
  private final ClusterPlan plan;
  private final LossSettings settings;
  private final LayerWeights<C> weights;
  private final Class<R> type;
  private final LossOptions options;

  ClusterLoss(
      ClusterPlan plan,
      LossSettings settings,
      LayerWeights<C> weights,
      Class<R> type,
      LossOptions options) {
    this.plan = plan;
    this.settings = settings;
    this.weights = weights;
    this.type = type;
    this.options = options;
  }

  /**
   * @param x [rows, inFeatures]
   * @param ranks of the targets, [rows]
   */
  RowLoss<R> of(Ops tf, Operand<C> x, Operand<TInt32> ranks) {
    boolean withMean = settings.labelSmoothing() > 0;
    Linear<C> head = weights.head();
    Operand<TInt32> headTargets = Ranks.inHead(tf, plan, ranks);
    RowLogProb<R> inHead =
        RowLogProb.of(weights.placement().place(tf, 0), type, x, head, headTargets, withMean);
    Operand<R> logProb = inHead.target();
    Operand<R> mean = inHead.mean();
    Operand<TInt64> size = tf.size(ranks, TInt64.class);
    List<OwnTail<C, R>> scored = new ArrayList<>();
    List<TailCluster<C>> elsewhere = new ArrayList<>();
    for (int tail = 0; tail < plan.nTails(); tail++) {
      Operand<TInt64> rows = Ranks.rowsBetween(tf, ranks, plan.tailStart(tail), plan.tailEnd(tail));
      Operand<TInt32> targets =
          tf.math.sub(Rows.take(tf, ranks, rows), tf.constant(plan.tailStart(tail)));
      Ops placed = weights.placement().place(tf, tail + 1);
      List<TailCluster<C>> readers = readers(placed, tail);
      elsewhere.add(readers.get(readers.size() - 1));
      Linear<C> classes = readers.get(0).classes();
      Operand<C> projected = projected(placed, tail, readers.get(0), Rows.take(tf, x, rows));
      RowLogProb<R> inTail = RowLogProb.of(placed, type, projected, classes, targets, withMean);
      logProb = tf.math.add(logProb, Rows.spread(tf, inTail.target(), rows, size));
      if (mean != null && inTail.mean() != null) {
        mean = tf.math.add(mean, Rows.spread(tf, inTail.mean(), rows, size));
      }
      scored.add(new OwnTail<>(rows, targets, new Level<>(placed, projected, classes, inTail.p())));
    }
    if (options.delta() == null) {
      return RowLoss.smoothed(tf, logProb, mean, settings.labelSmoothing());
    }
    MarginLoss<C, R> margin =
        new MarginLoss<>(
            tf,
            Checks.delta(tf, type, options.delta()),
            new Level<>(weights.placement().place(tf, 0), x, head, inHead.p()),
            headTargets,
            scored,
            (tail, rows) -> level(tf, tail, elsewhere.get(tail), Rows.take(tf, x, rows)),
            plan.shortlistSize());
    return new RowLoss<>(logProb, margin.loss(logProb));
  }

  /** A tail cluster's weights for the rows whose target it holds; with a margin, and once more for others. */
  private List<TailCluster<C>> readers(Ops placed, int tail) {
    TailCluster<C> cluster = weights.tails().get(tail);
    return options.delta() == null ? List.of(cluster) : cluster.forReaders(placed, 2);
  }

  /** A tail cluster's softmax of rows, whatever their targets. */
  private Level<C, R> level(Ops tf, int tail, TailCluster<C> cluster, Operand<C> x) {
    Ops placed = weights.placement().place(tf, tail + 1);
    Operand<C> projected = projected(placed, tail, cluster, x);
    Linear<C> classes = cluster.classes();
    Operand<R> logits = Precision.cast(placed, classes.apply(placed, projected), type);
    return new Level<>(placed, projected, classes, placed.nn.softmax(logits));
  }

  private Operand<C> projected(Ops tf, int tail, TailCluster<C> cluster, Operand<C> x) {
    Operand<C> projected = cluster.projection().project(tf, x);
    return options.training() && settings.tailDropout() > 0
        ? Dropout.apply(tf, projected, settings.tailDropout(), settings.dropoutSeed() + tail)
        : projected;
  }
}
