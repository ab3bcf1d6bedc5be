package org.adaptivesoftmax.assoftmax;

import org.adaptivesoftmax.internal.graph.Precision;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * Rows of logits o with their thresholds. What a probability is the power of, its root, is max(x − τ, 0).
 *
 * @param mapping to probabilities
 * @param scores x = (α − 1)(o − max o), [rows, classes]
 * @param threshold τ, in [−1, 0), [rows, 1]
 */
record EntmaxRows<R extends TFloating>(Entmax mapping, Operand<R> scores, Operand<R> threshold) {

  /**
   * The rows of logits sorted.
   *
   * @param values x in decreasing order, none below −1, [rows, classes]
   * @param counts 1, 2, …, [classes]
   */
  record Sorted<R extends TFloating>(Operand<R> values, Operand<R> counts) {
    /** Of the k largest, [rows, classes]. */
    Operand<R> sums(Ops tf) {
      return tf.math.cumsum(values, tf.constant(1));
    }

    /** Of the k largest, [rows, classes]. */
    Operand<R> sumsOfSquares(Ops tf) {
      return tf.math.cumsum(tf.math.square(values), tf.constant(1));
    }

    /** {@link #sums} − 1. */
    Operand<R> sumsMinusOne(Ops tf) {
      return tf.math.neg(minus(tf, 1, sums(tf)));
    }
  }

  /**
   * @param logits [rows, classes], without a gradient
   */
  static <R extends TFloating> EntmaxRows<R> of(Ops tf, Entmax mapping, Operand<R> logits) {
    Operand<R> ahead =
        tf.math.sub(logits, tf.reduceMax(logits, tf.constant(1), ReduceMax.keepDims(true)));
    Operand<R> x = tf.math.div(ahead, number(tf, mapping.power(), logits));
    Operand<R> tau =
        tf.reduceMax(
            mapping.threshold(tf, sorted(tf, x)), tf.constant(1), ReduceMax.keepDims(true));
    // Sums over a long row round; a step of Newton's method takes that away.
    EntmaxRows<R> found = new EntmaxRows<>(mapping, x, tau);
    Operand<R> roots = found.roots(tf);
    Operand<R> over = tf.math.sub(sum(tf, mapping.power(tf, roots)), number(tf, 1, roots));
    Operand<R> slope =
        tf.math.mul(number(tf, mapping.power(), roots), sum(tf, mapping.slopes(tf, roots)));
    return new EntmaxRows<>(mapping, x, tf.math.add(tau, tf.math.div(over, slope)));
  }

  /** As τ is −1 or more, nothing below −1 has a probability: all of it may count as −1, and no sum cancels. */
  private static <R extends TFloating> Sorted<R> sorted(Ops tf, Operand<R> x) {
    Operand<R> near = tf.math.maximum(x, number(tf, -1, x));
    Operand<TInt32> classes = tf.gather(tf.shape(x), tf.constant(1), tf.constant(0));
    Operand<R> values = tf.nn.topK(near, classes, TInt32.class).values();
    Operand<TInt32> counts =
        tf.range(tf.constant(1), tf.math.add(classes, tf.constant(1)), tf.constant(1));
    return new Sorted<>(values, Precision.cast(tf, counts, x.type()));
  }

  /** p^(α − 1), [rows, classes]. */
  Operand<R> roots(Ops tf) {
    return tf.math.maximum(tf.math.sub(scores, threshold), number(tf, 0, scores));
  }

  /**
   * What each row costs, p·o − oₜ + H(p), with n = 1 / (α − 1) and r the roots:
   *
   * <pre>
   * n / (n + 1) (Σ_{i ≠ t} rᵢ^(n + 1) + a(rₜ)) + n max(τ − xₜ, 0)
   * </pre>
   *
   * with a(r) = (1 − r)² for n = 1 and (1 − r)² (2 + r) for n = 2. No term is negative, so that nothing cancels.
   *
   * @param places of the targets, [rows, 2]
   * @return [rows]
   */
  Operand<R> losses(Ops tf, Operand<TInt64> places) {
    Operand<R> roots = roots(tf);
    Operand<R> target = tf.gatherNd(roots, places);
    Operand<R> others = tf.tensorScatterNdUpdate(roots, places, tf.zerosLike(target));
    Operand<R> spread =
        tf.reduceSum(tf.math.mul(others, mapping.power(tf, others)), tf.constant(1));
    double n = mapping.power();
    Operand<R> inside =
        tf.math.mul(
            number(tf, n / (n + 1), spread), tf.math.add(spread, mapping.atTarget(tf, target)));
    Operand<R> tau = tf.reshape(threshold, tf.constant(new int[] {-1}));
    Operand<R> below =
        tf.math.maximum(tf.math.sub(tau, tf.gatherNd(scores, places)), number(tf, 0, tau));
    return tf.math.add(inside, tf.math.mul(number(tf, n, below), below));
  }

  /** Of each row, [rows, 1]. */
  static <R extends TFloating> Operand<R> sum(Ops tf, Operand<R> values) {
    return tf.reduceSum(values, tf.constant(1), ReduceSum.keepDims(true));
  }

  /** A number less values. */
  static <R extends TFloating> Operand<R> minus(Ops tf, double number, Operand<R> values) {
    return tf.math.sub(number(tf, number, values), values);
  }

  private static <R extends TFloating> Operand<R> number(Ops tf, double value, Operand<R> like) {
    return Precision.cast(tf, tf.constant(value), like.type());
  }
}
