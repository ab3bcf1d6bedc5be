package org.adaptivesoftmax.loss;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Select;
import org.adaptivesoftmax.internal.weights.Linear;
import org.adaptivesoftmax.internal.weights.TailCluster;
import org.jspecify.annotations.Nullable;
import org.tensorflow.GraphOperationBuilder;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/**
 * A tail cluster's share of a compiled loss: a loop over blocks of rows, of as many blocks as the batch needs. Rows are
 * sorted by cluster; the last block reaches into rows that are not the cluster's, whose gradients are masked.
 *
 * @param tailStart rank of the cluster's first class
 * @param blockRows rows of a block
 */
record TailBlocks<T extends TFloating, R extends TFloating>(
    int tailStart, int blockRows, TailCluster<T> tail, SortedRows<T, R> rows, Sums<R> sums) {

  /**
   * Rows sorted by cluster, followed by at least one block of rows that no cluster has.
   *
   * @param x [rows, inFeatures]
   * @param ranks of the targets, [rows]
   * @param ofTarget upstream gradient of the target's log-probability, [rows]
   * @param ofMean upstream gradient of the mean log-probability, [rows], or null
   */
  record SortedRows<T extends TFloating, R extends TFloating>(
      Operand<T> x, Operand<TInt32> ranks, Operand<R> ofTarget, @Nullable Operand<R> ofMean) {}

  /**
   * What every cluster adds to.
   *
   * @param target log-probability of the target, [rows]
   * @param mean mean log-probability, [rows], or null
   * @param byInput [rows, inFeatures]
   */
  record Sums<R extends TFloating>(
      Operand<R> target, @Nullable Operand<R> mean, Operand<R> byInput) {}

  /**
   * @param sums with this cluster's added
   * @param byWeights the gradients of the projection, the class weight and perhaps the bias
   */
  record Result<R extends TFloating>(Sums<R> sums, List<Operand<?>> byWeights) {}

  /**
   * @param start first of the cluster's rows, a scalar
   * @param end after the last of them, a scalar
   */
  Result<R> run(Ops tf, Operand<TInt32> start, Operand<TInt32> end) {
    List<Operand<?>> state = new ArrayList<>(List.of(start, end));
    state.addAll(constants());
    addAll(state, sums);
    int first = state.size();
    Class<R> type = sums.target.type();
    for (Operand<T> weight : weights()) {
      state.add(zeros(tf, type, weight.shape().asArray()));
    }
    List<? extends Operand<?>> last =
        CompiledFunction.loop(
            tf,
            "tail_blocks",
            state,
            (ops, now) -> ops.math.less(typed(now.get(0)), this.<TInt32>typed(now.get(1))),
            this::step);
    return new Result<>(
        readSums(last.subList(2 + constants().size(), first).iterator()),
        List.copyOf(last.subList(first, last.size())));
  }

  private List<? extends Operand<?>> step(Ops tf, List<Operand<?>> state) {
    Iterator<Operand<?>> read = state.iterator();
    Operand<TInt32> from = typed(read.next());
    Operand<TInt32> end = typed(read.next());
    SortedRows<T, R> all =
        new SortedRows<>(
            typed(read.next()),
            typed(read.next()),
            typed(read.next()),
            rows.ofMean == null ? null : typed(read.next()));
    Linear<T> projection = new Linear<>(typed(read.next()), null);
    Linear<T> classes =
        new Linear<>(typed(read.next()), tail.classes().bias() == null ? null : typed(read.next()));
    Sums<R> before = readSums(read);

    Operand<TInt32> places =
        tf.math.add(from, tf.range(tf.constant(0), tf.constant(blockRows), tf.constant(1)));
    Operand<TBool> ours = tf.math.less(places, end);
    Operand<T> x = block(tf, all.x, from);
    Operand<TInt32> targets =
        tf.math.minimum(
            tf.math.maximum(
                tf.math.sub(block(tf, all.ranks, from), tf.constant(tailStart)), tf.constant(0)),
            tf.constant((int) classes.weight().shape().get(0) - 1));
    Operand<T> projected = tf.linalg.matMul(x, projection.weight(), MatMul.transposeB(true));
    SoftmaxBlock<R> softmax =
        SoftmaxBlock.of(
            tf,
            projected,
            classes,
            targets,
            Select.orZero(tf, ours, block(tf, all.ofTarget, from)),
            all.ofMean == null ? null : Select.orZero(tf, ours, block(tf, all.ofMean, from)));
    Operand<T> byProjected = Precision.cast(tf, softmax.byInput(), x.type());
    Class<R> type = before.target.type();
    Operand<R> byInput =
        Precision.cast(tf, tf.linalg.matMul(byProjected, projection.weight()), type);
    Operand<R> byProjection =
        Precision.cast(tf, tf.linalg.matMul(byProjected, x, MatMul.transposeA(true)), type);

    List<Operand<?>> next = new ArrayList<>(state.subList(0, 2 + constants().size()));
    next.set(0, tf.math.add(from, tf.constant(blockRows)));
    next.add(added(tf, before.target, Select.orZero(tf, ours, softmax.target()), from));
    if (before.mean != null && softmax.mean() != null) {
      next.add(added(tf, before.mean, Select.orZero(tf, ours, softmax.mean()), from));
    }
    next.add(added(tf, before.byInput, byInput, from));
    next.add(tf.math.add(this.<R>typed(read.next()), byProjection));
    next.add(tf.math.add(this.<R>typed(read.next()), softmax.byWeight()));
    if (softmax.byBias() != null) {
      next.add(tf.math.add(this.<R>typed(read.next()), softmax.byBias()));
    }
    return next;
  }

  private List<Operand<?>> constants() {
    List<Operand<?>> all = new ArrayList<>(List.of(rows.x, rows.ranks, rows.ofTarget));
    if (rows.ofMean != null) {
      all.add(rows.ofMean);
    }
    all.addAll(weights());
    return all;
  }

  private List<Operand<T>> weights() {
    List<Operand<T>> weights =
        new ArrayList<>(List.of(tail.projection().weight(), tail.classes().weight()));
    if (tail.classes().bias() != null) {
      weights.add(tail.classes().bias());
    }
    return weights;
  }

  private static <R extends TFloating> void addAll(List<Operand<?>> state, Sums<R> sums) {
    state.add(sums.target);
    if (sums.mean != null) {
      state.add(sums.mean);
    }
    state.add(sums.byInput);
  }

  private Sums<R> readSums(Iterator<? extends Operand<?>> read) {
    return new Sums<>(
        typed(read.next()), sums.mean == null ? null : typed(read.next()), typed(read.next()));
  }

  /** The rows of a block. */
  private <V extends TType> Operand<V> block(Ops tf, Operand<V> all, Operand<TInt32> from) {
    return tf.slice(all, corner(tf, all, from), tf.constant(blockShape(all)));
  }

  private int[] blockShape(Operand<?> all) {
    long[] shape = all.shape().asArray();
    return shape.length == 1 ? new int[] {blockRows} : new int[] {blockRows, (int) shape[1]};
  }

  private static Operand<TInt32> corner(Ops tf, Operand<?> all, Operand<TInt32> from) {
    return all.shape().numDimensions() == 1
        ? tf.expandDims(from, tf.constant(0))
        : tf.stack(List.of(from, tf.constant(0)));
  }

  /** All rows, with values added to those of a block. */
  @SuppressWarnings("unchecked")
  private <V extends TFloating> Operand<V> added(
      Ops tf, Operand<V> all, Operand<V> values, Operand<TInt32> from) {
    GraphOperationBuilder builder =
        (GraphOperationBuilder)
            tf.scope().opBuilder("XlaDynamicUpdateSlice", "dynamic_update_slice");
    builder.addInput(all.asOutput());
    builder.addInput(tf.math.add(block(tf, all, from), values).asOutput());
    builder.addInput(corner(tf, all, from).asOutput());
    return builder.build().output(0);
  }

  static <R extends TFloating> Operand<R> zeros(Ops tf, Class<R> type, long... shape) {
    return tf.fill(tf.constant(shape), Precision.cast(tf, tf.constant(0.0), type));
  }

  @SuppressWarnings("unchecked")
  private <V extends TType> Operand<V> typed(Operand<?> operand) {
    return (Operand<V>) operand;
  }
}
