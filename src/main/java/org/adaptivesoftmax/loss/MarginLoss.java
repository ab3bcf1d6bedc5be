package org.adaptivesoftmax.loss;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Rows;
import org.adaptivesoftmax.internal.graph.Select;
import org.adaptivesoftmax.internal.weights.Linear;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Stack;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * AS-Softmax (Lv et al., 2025) over a head and tail clusters. With δ and a target t, the kept classes are S = {i : p_t −
 * p_i ≤ δ}, and a row's loss is
 *
 * <pre>
 * L = −log p_t + log Σ_{i ∈ S} p_i
 * </pre>
 *
 * S carries no gradient. [rows, nClasses] is not built, and no cluster is scored that cannot matter:
 *
 * <ul>
 *   <li>Where p_t ≤ δ, S holds every class, the sum is 1, and L = −log p_t: nothing but the target's cluster is scored.
 *   <li>Elsewhere a tail cluster other than the target's matters only where its cluster entry h_e in the head reaches p_t −
 *       δ, since none of its classes is more probable than h_e.
 *   <li>Where S = {t} the row is <em>finished</em>: loss and gradient are exactly 0, and its backward pass is left out.
 * </ul>
 *
 * <p>The gradient, with K the sum and r_i = p_i / K for the kept classes: by the head's logits −1[target] + r, where a
 * cluster entry's r is its cluster's kept sum; by a tail cluster's logits, with its softmax q, ρ = h_e / K and m = Σ kept
 * q: ρ (q ∘ kept − m q), and −1[target] + q besides in the target's own cluster.
 *
 * @param <T> type of inputs and weights
 * @param <R> type of probabilities
 */
final class MarginLoss<T extends TFloating, R extends TFloating> {
  /**
   * One softmax over some rows.
   *
   * @param tf builds its ops, on its device
   * @param x what it was computed from, [rows, width]
   * @param p [rows, outputs]
   */
  record Level<T extends TFloating, R extends TFloating>(
      Ops tf, Operand<T> x, Linear<T> linear, Operand<R> p) {
    Level<T, R> of(Operand<TInt64> rows) {
      return new Level<>(tf, Rows.take(tf, x, rows), linear, Rows.take(tf, p, rows));
    }
  }

  /**
   * A tail cluster's softmax for the rows whose target it holds.
   *
   * @param rows [rows of the cluster]
   * @param targets places within the cluster, [rows of the cluster]
   */
  record OwnTail<T extends TFloating, R extends TFloating>(
      Operand<TInt64> rows, Operand<TInt32> targets, Level<T, R> level) {}

  /** Scores rows in a tail cluster. */
  @FunctionalInterface
  interface TailScorer<T extends TFloating, R extends TFloating> {
    /**
     * @param tail counted from 0
     * @param rows of the batch
     */
    Level<T, R> score(int tail, Operand<TInt64> rows);
  }

  /** Rows scored in a cluster that is not their target's. */
  private record OtherTail<T extends TFloating, R extends TFloating>(
      int tail, Operand<TInt64> rows, Level<T, R> level, Operand<R> mass) {}

  private final Ops tf;
  private final Class<R> type;
  private final Level<T, R> head;
  private final Operand<TInt32> headTargets;
  private final List<OwnTail<T, R>> own;
  private final List<OtherTail<T, R>> others = new ArrayList<>();
  private final int shortlist;

  /** p_t. */
  private final Operand<R> target;

  /** p_t − δ; classes below it are dropped. */
  private final Operand<R> least;

  /** Whether p_t > δ, so that a class may be dropped. */
  private final Operand<TBool> narrow;

  /** The kept share m of each tail cluster, [N]; 1 where nothing is dropped. */
  private final List<Operand<R>> mass = new ArrayList<>();

  /** The kept part of the head, [N, headSize], and its sum K, [N]. */
  private final Operand<R> kept;

  private final Operand<R> sum;
  private final Operand<TBool> unfinished;

  /**
   * @param delta δ, a scalar
   * @param head every row's
   * @param headTargets places in the head, [N]
   * @param own one per tail cluster
   * @param scorer for rows whose target is in another cluster
   */
  MarginLoss(
      Ops tf,
      Operand<R> delta,
      Level<T, R> head,
      Operand<TInt32> headTargets,
      List<OwnTail<T, R>> own,
      TailScorer<T, R> scorer,
      int shortlist) {
    this.tf = tf;
    this.type = head.p.type();
    this.head = head;
    this.headTargets = headTargets;
    this.own = own;
    this.shortlist = shortlist;
    this.target = targetProbability();
    this.narrow = tf.math.greater(target, delta);
    this.least = tf.select(narrow, tf.math.sub(target, delta), tf.zerosLike(target));
    for (int tail = 0; tail < own.size(); tail++) {
      mass.add(keptShare(tail, scorer));
    }
    this.kept = keptOfHead();
    this.sum = Select.orOne(tf, narrow, sum(head.tf, kept));
    this.unfinished = tf.math.logicalNot(tf.math.logicalAnd(narrow, tf.math.equal(sum, target)));
  }

  /**
   * The loss of each row, [N].
   *
   * @param logProb log p_t, [N], exact also where p_t vanishes
   */
  Operand<R> loss(Operand<R> logProb) {
    Operand<R> ratio = Select.orOne(tf, narrow, tf.math.div(sum, target));
    Operand<R> loss = tf.stopGradient(tf.select(narrow, tf.math.log(ratio), tf.math.neg(logProb)));
    loss = tf.math.add(loss, headGradient());
    for (int tail = 0; tail < own.size(); tail++) {
      loss = tf.math.add(loss, ownGradient(tail));
    }
    for (OtherTail<T, R> other : others) {
      loss = tf.math.add(loss, otherGradient(other));
    }
    return loss;
  }

  private Operand<R> targetProbability() {
    Operand<R> inHead = RowLogProb.atTarget(head.tf, head.p, headTargets);
    Operand<R> inTail = tf.onesLike(inHead);
    for (OwnTail<T, R> tail : own) {
      inTail =
          put(inTail, tail.rows, RowLogProb.atTarget(tail.level.tf, tail.level.p, tail.targets));
    }
    return tf.math.mul(inHead, inTail);
  }

  private Operand<R> keptShare(int tail, TailScorer<T, R> scorer) {
    Operand<R> entry = entry(tail);
    Operand<TInt64> rows = own.get(tail).rows;
    Operand<R> share = tf.select(narrow, tf.zerosLike(entry), tf.onesLike(entry));
    Operand<R> ownSum = sum(own.get(tail).level.tf, keptWithin(own.get(tail).level, entry, rows));
    share = put(share, rows, Select.orOne(tf, Rows.take(tf, narrow, rows), ownSum));

    Operand<TBool> elsewhere = tf.math.notEqual(headTargets, tf.constant(shortlist + tail));
    Operand<TBool> reaches = tf.math.logicalAnd(narrow, tf.math.greaterEqual(entry, least));
    Operand<TInt64> scored = Rows.where(tf, tf.math.logicalAnd(elsewhere, reaches));
    Level<T, R> level = scorer.score(tail, scored);
    Operand<R> sums = sum(level.tf, keptWithin(level, entry, scored));
    Operand<TInt64> some =
        Rows.where(tf, tf.math.greater(sums, Precision.cast(tf, tf.constant(0f), type)));
    others.add(
        new OtherTail<>(
            tail, Rows.take(tf, scored, some), level.of(some), Rows.take(tf, sums, some)));
    return put(share, scored, sums);
  }

  /**
   * The part of a tail cluster's softmax that is kept, [rows, tailSize]. The products are those that p_t is made of: with a
   * quotient as bound, rounding could drop the target itself where δ is tiny.
   */
  private Operand<R> keptWithin(Level<T, R> level, Operand<R> entry, Operand<TInt64> rows) {
    Operand<R> p = level.tf.math.mul(level.p, Select.asColumn(tf, Rows.take(tf, entry, rows)));
    return where(level.tf, p, Rows.take(tf, least, rows), level.p);
  }

  private Operand<R> keptOfHead() {
    if (own.isEmpty()) {
      return where(head.tf, head.p, least, head.p);
    }
    Ops tf = head.tf;
    Operand<R> classes = tf.stridedSlice(head.p, Indices.all(), Indices.range(0, shortlist));
    Operand<R> entries = tf.stridedSlice(head.p, Indices.all(), Indices.sliceFrom(shortlist));
    Operand<R> shares = this.tf.stack(mass, Stack.axis(1L));
    return tf.concat(
        List.of(where(tf, classes, least, classes), tf.math.mul(entries, shares)), tf.constant(1));
  }

  private Operand<R> headGradient() {
    Operand<TInt64> rows = Rows.where(tf, unfinished);
    Operand<R> scale = tf.math.reciprocal(Rows.take(tf, sum, rows));
    Operand<R> zeros =
        GivenGradient.of(
            head.tf,
            Rows.take(tf, head.x, rows),
            head.linear,
            Rows.take(head.tf, kept, rows),
            scale,
            Rows.take(tf, headTargets, rows));
    return spread(zeros, rows);
  }

  private Operand<R> ownGradient(int tail) {
    OwnTail<T, R> cluster = own.get(tail);
    Operand<TInt64> some = Rows.where(tf, Rows.take(tf, unfinished, cluster.rows));
    Operand<TInt64> rows = Rows.take(tf, cluster.rows, some);
    Level<T, R> level = cluster.level.of(some);
    Operand<R> within = share(tail, rows);
    Operand<R> outside =
        tf.math.sub(tf.onesLike(within), tf.math.mul(within, Rows.take(tf, mass.get(tail), rows)));
    Operand<R> e =
        level.tf.math.add(
            level.tf.math.mul(Select.asColumn(tf, within), keptWithin(level, entry(tail), rows)),
            level.tf.math.mul(Select.asColumn(tf, outside), level.p));
    return spread(known(level, e, Rows.take(tf, cluster.targets, some)), rows);
  }

  private Operand<R> otherGradient(OtherTail<T, R> other) {
    Ops tail = other.level.tf;
    Operand<R> kept = keptWithin(other.level, entry(other.tail), other.rows);
    Operand<R> e =
        tail.math.mul(
            Select.asColumn(tf, share(other.tail, other.rows)),
            tail.math.sub(kept, tail.math.mul(Select.asColumn(tf, other.mass), other.level.p)));
    return spread(known(other.level, e, null), other.rows);
  }

  private Operand<R> known(Level<T, R> level, Operand<R> e, @Nullable Operand<TInt32> targets) {
    Operand<R> ones = level.tf.onesLike(sum(level.tf, e));
    return GivenGradient.of(level.tf, level.x, level.linear, e, ones, targets);
  }

  /** ρ, the cluster entry's probability as a share of the kept sum. */
  private Operand<R> share(int tail, Operand<TInt64> rows) {
    return tf.math.div(Rows.take(tf, entry(tail), rows), Rows.take(tf, sum, rows));
  }

  private Operand<R> entry(int tail) {
    return head.tf.stridedSlice(head.p, Indices.all(), Indices.at(shortlist + tail));
  }

  /** The values where p reaches its row's bound, else 0. */
  private Operand<R> where(Ops tf, Operand<R> p, Operand<R> bound, Operand<R> values) {
    return Select.orZero(tf, tf.math.greaterEqual(p, Select.asColumn(this.tf, bound)), values);
  }

  /** The sum of each row. */
  private Operand<R> sum(Ops tf, Operand<R> rows) {
    return tf.reduceSum(rows, tf.constant(1));
  }

  private Operand<R> put(Operand<R> values, Operand<TInt64> rows, Operand<R> updates) {
    return tf.tensorScatterNdUpdate(values, tf.expandDims(rows, tf.constant(1)), updates);
  }

  private Operand<R> spread(Operand<R> values, Operand<TInt64> rows) {
    return Rows.spread(tf, values, rows, tf.size(target, TInt64.class));
  }
}
