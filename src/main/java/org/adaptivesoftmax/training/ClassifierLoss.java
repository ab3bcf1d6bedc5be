package org.adaptivesoftmax.training;

import org.adaptivesoftmax.assoftmax.AccumulationSchedule;
import org.adaptivesoftmax.assoftmax.AdaptiveSparseSoftmax;
import org.adaptivesoftmax.assoftmax.DeltaSchedule;
import org.adaptivesoftmax.assoftmax.Entmax;
import org.adaptivesoftmax.assoftmax.EntmaxLoss;
import org.adaptivesoftmax.assoftmax.FocalLoss;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.framework.losses.Loss;
import org.tensorflow.framework.losses.SparseCategoricalCrossentropy;

/**
 * What a classifier minimises, and how much of the work that AS-Softmax makes unnecessary is left out.
 *
 * @param kind what a row costs; the other values belong to AS-Softmax alone
 * @param delta its margin δ in (0, 1], 0.1 by default
 * @param initialDelta δ at the beginning of the warm-up, in (0, 1], 1 by default: plain softmax
 * @param warmupRatio share of all batches in which δ goes from {@code initialDelta} to {@code delta} along a line, in [0,
 *     1], 0 by default
 * @param accumulate AS-Speed's most batches of an optimizer step, at least 1; 1, the default, is no AS-Speed
 * @param accumulateLambda AS-Speed's λ, above 0, 1 by default
 * @param skipping how finished rows are left out of the backward pass, {@link Skipping#NONE} by default. The gradients are the
 *     same to rounding.
 */
public record ClassifierLoss(
    Kind kind,
    double delta,
    double initialDelta,
    double warmupRatio,
    int accumulate,
    double accumulateLambda,
    Skipping skipping) {
  /** The loss of a row. */
  public enum Kind {
    /** Cross entropy of the softmax, {@link org.tensorflow.framework.losses.SparseCategoricalCrossentropy}. */
    SOFTMAX,
    /** {@link AdaptiveSparseSoftmax}. */
    AS_SOFTMAX,
    /** {@link EntmaxLoss} of {@link Entmax#SPARSEMAX}. */
    SPARSEMAX,
    /** {@link EntmaxLoss} of {@link Entmax#ENTMAX15}. */
    ENTMAX15,
    /** {@link FocalLoss} with {@link FocalLoss#DEFAULT_GAMMA}. */
    FOCAL
  }

  /** How finished rows are left out of the backward pass. */
  public enum Skipping {
    /** They go through it, for nothing. */
    NONE,
    /** By {@link org.adaptivesoftmax.assoftmax.RowSkipping}: all rows forward, the unfinished once more. */
    TWO_PASS,
    /** By {@link org.adaptivesoftmax.assoftmax.SpeculativeSkipping}, for a pretrained encoder alone. */
    SPECULATIVE
  }

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public ClassifierLoss {
    DeltaSchedule.linear(initialDelta, delta, warmupRatio, 1);
    Require.argument(accumulate >= 1, "accumulate must be at least 1: %s", accumulate);
    Require.argument(
        accumulateLambda > 0 && !Double.isInfinite(accumulateLambda),
        "accumulateLambda must be above 0 and finite: %s",
        accumulateLambda);
    Require.argument(
        kind == Kind.AS_SOFTMAX || (accumulate == 1 && skipping == Skipping.NONE),
        "accumulate and skipping need AS-Softmax: %s has no finished rows",
        kind);
  }

  /** Softmax. */
  public static ClassifierLoss softmax() {
    return of(Kind.SOFTMAX);
  }

  /** A loss of a kind, everything at its default. */
  public static ClassifierLoss of(Kind kind) {
    return new Builder().build(kind);
  }

  /** Starts AS-Softmax, everything at its default. */
  public static Builder asSoftmax() {
    return new Builder();
  }

  /** The mean of the rows' losses, with the final δ. */
  Loss lastLoss() {
    return switch (kind) {
      case SOFTMAX -> new SparseCategoricalCrossentropy(true);
      case AS_SOFTMAX -> AdaptiveSparseSoftmax.builder().delta(delta).build();
      case SPARSEMAX -> new EntmaxLoss(Entmax.SPARSEMAX);
      case ENTMAX15 -> new EntmaxLoss(Entmax.ENTMAX15);
      case FOCAL -> new FocalLoss(FocalLoss.DEFAULT_GAMMA);
    };
  }

  /** Whether rows can be finished, by a δ. */
  boolean hasDelta() {
    return kind == Kind.AS_SOFTMAX;
  }

  DeltaSchedule deltas(long batches) {
    return DeltaSchedule.linear(initialDelta, delta, warmupRatio, batches);
  }

  AccumulationSchedule accumulation() {
    return new AccumulationSchedule(accumulateLambda, accumulate);
  }

  /** Collects the values of an AS-Softmax {@link ClassifierLoss}. */
  public static final class Builder {
    private double delta = AdaptiveSparseSoftmax.DEFAULT_DELTA;
    private double initialDelta = 1;
    private double warmupRatio;
    private int accumulate = 1;
    private double accumulateLambda = 1;
    private Skipping skipping = Skipping.NONE;

    private Builder() {}

    /** The margin δ; 0.1 by default. */
    public Builder delta(double value) {
      this.delta = value;
      return this;
    }

    /** δ at the beginning of the warm-up; 1 by default. */
    public Builder initialDelta(double value) {
      this.initialDelta = value;
      return this;
    }

    /** Share of all batches that the warm-up takes; 0 by default. */
    public Builder warmupRatio(double ratio) {
      this.warmupRatio = ratio;
      return this;
    }

    /** AS-Speed's most batches of an optimizer step; 1 by default: no AS-Speed. */
    public Builder accumulate(int batches) {
      this.accumulate = batches;
      return this;
    }

    /** AS-Speed's λ; 1 by default. */
    public Builder accumulateLambda(double lambda) {
      this.accumulateLambda = lambda;
      return this;
    }

    /** How finished rows are left out of the backward pass; not at all by default. */
    public Builder skipping(Skipping how) {
      this.skipping = how;
      return this;
    }

    /**
     * The loss.
     *
     * @throws IllegalArgumentException if a value is out of its range
     */
    public ClassifierLoss build() {
      return build(Kind.AS_SOFTMAX);
    }

    private ClassifierLoss build(Kind kind) {
      return new ClassifierLoss(
          kind, delta, initialDelta, warmupRatio, accumulate, accumulateLambda, skipping);
    }
  }
}
