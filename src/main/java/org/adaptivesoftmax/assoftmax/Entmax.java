package org.adaptivesoftmax.assoftmax;

import java.util.List;
import org.adaptivesoftmax.gradient.BackwardOps;
import org.adaptivesoftmax.gradient.FusedGradient;
import org.adaptivesoftmax.internal.graph.Precision;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/**
 * Probabilities of which most are exactly 0, in the place of softmax's. Of all distributions p over the classes of a row of
 * logits o,
 *
 * <pre>
 * entmax(o) = argmax p·o + H(p),   H(p) = (1 − Σᵢ pᵢ^α) / (α (α − 1))
 * pᵢ = max((α − 1) oᵢ − τ, 0)^(1 / (α − 1))
 * </pre>
 *
 * <p>with the one threshold τ for which they sum to 1, found exactly, by sorting the row. H is Tsallis' entropy; as α goes to
 * 1 it becomes Shannon's, and entmax softmax. With gᵢ = pᵢ^(2 − α) where pᵢ is above 0, else 0, the Jacobian is
 *
 * <pre>
 * ∂p/∂o = diag(g) − g gᵀ / Σᵢ gᵢ
 * </pre>
 *
 * <p>{@link EntmaxLoss} is the loss that belongs to it.
 */
public enum Entmax {
  /**
   * α = 2, the Euclidean projection onto the distributions: Martins and Astudillo, 2016, "From Softmax to Sparsemax", arXiv
   * 1602.02068. A class that is behind the best by 1 or more has the probability 0.
   */
  SPARSEMAX(1) {
    @Override
    <R extends TFloating> Operand<R> threshold(Ops tf, EntmaxRows.Sorted<R> sorted) {
      // A support of the k largest has Σ (xᵢ − τ) = 1. Of any other k, τ comes out lower.
      return tf.math.div(sorted.sumsMinusOne(tf), sorted.counts());
    }

    @Override
    <R extends TFloating> Operand<R> power(Ops tf, Operand<R> roots) {
      return roots;
    }

    @Override
    <R extends TFloating> Operand<R> slopes(Ops tf, Operand<R> roots) {
      return Precision.cast(tf, tf.math.greater(roots, tf.zerosLike(roots)), roots.type());
    }

    @Override
    <R extends TFloating> Operand<R> atTarget(Ops tf, Operand<R> root) {
      return tf.math.square(EntmaxRows.minus(tf, 1, root));
    }
  },

  /**
   * α = 1.5, between sparsemax and softmax: Peters, Niculae and Martins, 2019, "Sparse Sequence-to-Sequence Models", arXiv
   * 1905.05702. A class that is behind the best by 2 or more has the probability 0.
   */
  ENTMAX15(2) {
    @Override
    <R extends TFloating> Operand<R> threshold(Ops tf, EntmaxRows.Sorted<R> sorted) {
      // A support of the k largest, with mean m, has Σ (xᵢ − m)² + k (m − τ)² = 1.
      Operand<R> sums = sorted.sums(tf);
      Operand<R> mean = tf.math.div(sums, sorted.counts());
      Operand<R> spread = tf.math.sub(sorted.sumsOfSquares(tf), tf.math.mul(sums, mean));
      Operand<R> left = tf.math.div(EntmaxRows.minus(tf, 1, spread), sorted.counts());
      Operand<R> tau = tf.math.sub(mean, tf.math.sqrt(tf.math.maximum(left, tf.zerosLike(left))));
      // Beyond the support τ is above the k-th largest. Within it, it is never above the last.
      return tf.select(tf.math.lessEqual(tau, sorted.values()), tau, tf.math.neg(tf.onesLike(tau)));
    }

    @Override
    <R extends TFloating> Operand<R> power(Ops tf, Operand<R> roots) {
      return tf.math.square(roots);
    }

    @Override
    <R extends TFloating> Operand<R> slopes(Ops tf, Operand<R> roots) {
      return roots;
    }

    @Override
    <R extends TFloating> Operand<R> atTarget(Ops tf, Operand<R> root) {
      Operand<R> missing = EntmaxRows.minus(tf, 1, root);
      return tf.math.mul(tf.math.square(missing), EntmaxRows.minus(tf, 3, missing));
    }
  };

  private static final FusedGradient FUSED =
      FusedGradient.define("entmax_probabilities", Entmax::backward);

  private final int power;

  Entmax(int power) {
    this.power = power;
  }

  /**
   * The probabilities, differentiable by the logits.
   *
   * @param tf builds the ops
   * @param logits [..., classes], float32, float64, bfloat16 or float16; for half precision it is computed in float32
   * @return [..., classes], each row summing to 1
   * @throws IllegalArgumentException if the logits have another type, or are known to be a scalar or of less than two
   *     classes
   */
  public <T extends TNumber> Operand<T> probabilities(Ops tf, Operand<T> logits) {
    Ops scope = tf.withSubScope("entmax");
    return probabilities(scope, logits, LogitRows.typeFor(logits));
  }

  private <T extends TNumber, R extends TFloating> Operand<T> probabilities(
      Ops tf, Operand<T> logits, Class<R> type) {
    LogitRows<R> rows = LogitRows.of(tf, logits, type);
    Operand<R> roots = EntmaxRows.of(tf, this, tf.stopGradient(rows.values())).roots(tf);
    Operand<R> p = power(tf, roots);
    if (tf.scope().env().isGraph()) {
      p =
          typed(
              FUSED
                  .apply(tf, List.of(p), List.of(rows.values()), List.of(slopes(tf, roots)))
                  .get(0));
    }
    return Precision.cast(tf, rows.unflatten(tf, p), logits.type());
  }

  private static List<Operand<?>> backward(
      BackwardOps ops, List<Output<?>> inputs, List<Output<?>> saved, List<Output<?>> upstream) {
    Ops tf = ops.tf();
    Operand<TFloating> slopes = typed(saved.get(0));
    Operand<TFloating> byP = typed(upstream.get(0));
    Operand<TFloating> mean =
        tf.math.div(EntmaxRows.sum(tf, tf.math.mul(slopes, byP)), EntmaxRows.sum(tf, slopes));
    return List.of(tf.math.mul(slopes, tf.math.sub(byP, mean)));
  }

  @SuppressWarnings("unchecked")
  private static <V extends TType> Operand<V> typed(Output<?> output) {
    return (Output<V>) output;
  }

  /** 1 / (α − 1). */
  int power() {
    return power;
  }

  /** The τ that a support of the k largest would have for each k, or less where k is not the support, [rows, classes]. */
  abstract <R extends TFloating> Operand<R> threshold(Ops tf, EntmaxRows.Sorted<R> sorted);

  /** p of p^(α − 1). */
  abstract <R extends TFloating> Operand<R> power(Ops tf, Operand<R> roots);

  /** g of p^(α − 1). */
  abstract <R extends TFloating> Operand<R> slopes(Ops tf, Operand<R> roots);

  /** The target's part of a row's loss, of its p^(α − 1). */
  abstract <R extends TFloating> Operand<R> atTarget(Ops tf, Operand<R> root);
}
