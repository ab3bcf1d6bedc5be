package org.adaptivesoftmax.assoftmax;

import org.adaptivesoftmax.internal.graph.Checks;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;

/**
 * How the margin δ changes in training: from an initial value, 1 for plain softmax, to its final one over a warm-up, a
 * share of all steps, and constant from there on. It is a function of the step alone, so that training resumed at a step
 * goes on as it would have.
 *
 * <p>With W = warmupRatio · totalSteps and f = min(1, step / W), or 1 if W is 0,
 *
 * <pre>
 * δ(step) = (1 − w) initial + w last,  w = 1 (constant), f (linear), (1 − cos πf) / 2 (cosine)
 * </pre>
 *
 * @param annealing the course of the warm-up
 * @param initial δ at step 0, in (0, 1]
 * @param last δ after the warm-up, in (0, 1]
 * @param warmupRatio share of the steps that the warm-up takes, in [0, 1]
 * @param totalSteps number of optimizer steps of the whole training, at least 1
 */
public record DeltaSchedule(
    Annealing annealing, double initial, double last, double warmupRatio, long totalSteps) {
  /** The course from the initial to the final δ. */
  public enum Annealing {
    /** The final δ from the first step on. */
    CONSTANT,
    /** At the same pace throughout. */
    LINEAR,
    /** Slowly at both ends: half a period of the cosine. */
    COSINE
  }

  /**
   * @throws IllegalArgumentException if a value is outside its range
   */
  public DeltaSchedule {
    Checks.delta("initial delta", initial);
    Checks.delta("delta", last);
    Require.argument(
        warmupRatio >= 0 && warmupRatio <= 1, "warmupRatio must be in [0, 1]: %s", warmupRatio);
    Require.argument(totalSteps >= 1, "totalSteps must be at least 1: %s", totalSteps);
  }

  /**
   * The same δ at every step.
   *
   * @throws IllegalArgumentException if it is outside (0, 1] or NaN
   */
  public static DeltaSchedule constant(double delta) {
    return new DeltaSchedule(Annealing.CONSTANT, delta, delta, 0, 1);
  }

  /**
   * Annealing along a line.
   *
   * @throws IllegalArgumentException if a value is outside its range
   */
  public static DeltaSchedule linear(
      double initial, double last, double warmupRatio, long totalSteps) {
    return new DeltaSchedule(Annealing.LINEAR, initial, last, warmupRatio, totalSteps);
  }

  /**
   * Annealing along half a period of the cosine.
   *
   * @throws IllegalArgumentException if a value is outside its range
   */
  public static DeltaSchedule cosine(
      double initial, double last, double warmupRatio, long totalSteps) {
    return new DeltaSchedule(Annealing.COSINE, initial, last, warmupRatio, totalSteps);
  }

  /**
   * δ at a step.
   *
   * @param step the number of optimizer steps already taken
   * @throws IllegalArgumentException if the step is negative
   */
  public double delta(long step) {
    Require.argument(step >= 0, "step must not be negative: %s", step);
    double warmup = warmupRatio * totalSteps;
    double share = step >= warmup ? 1 : step / warmup;
    double weight =
        switch (annealing) {
          case CONSTANT -> 1;
          case LINEAR -> share;
          case COSINE -> (1 - Math.cos(Math.PI * share)) / 2;
        };
    return (1 - weight) * initial + weight * last;
  }

  /**
   * δ at a step that the graph knows, equal to {@link #delta(long)} to rounding: what {@link
   * AdaptiveSparseSoftmaxBuilder#delta(Operand)} takes.
   *
   * @param tf builds the ops
   * @param step the number of optimizer steps already taken, a scalar; a run fails if it is negative
   */
  public Operand<TFloat64> delta(Ops tf, Operand<TInt64> step) {
    Ops scope = tf.withSubScope("delta_schedule");
    Operand<TFloat64> one = scope.constant(1.0);
    Operand<TFloat64> weight = weight(scope, one, share(scope, one, step));
    return scope.math.add(
        scope.math.mul(scope.math.sub(one, weight), scope.constant(initial)),
        scope.math.mul(weight, scope.constant(last)));
  }

  private Operand<TFloat64> share(Ops tf, Operand<TFloat64> one, Operand<TInt64> step) {
    Operand<TInt64> checked =
        Checks.atRun(
            tf,
            step,
            tf.math.greaterEqual(step, tf.constant(0L)),
            tf.constant("step must not be negative:"),
            step);
    double warmup = warmupRatio * totalSteps;
    Operand<TFloat64> taken = tf.dtypes.cast(checked, TFloat64.class);
    // Past any warm-up of 0 steps, but not 0 / 0.
    return warmup == 0
        ? tf.onesLike(taken)
        : tf.math.minimum(one, tf.math.div(taken, tf.constant(warmup)));
  }

  private Operand<TFloat64> weight(Ops tf, Operand<TFloat64> one, Operand<TFloat64> share) {
    return switch (annealing) {
      case CONSTANT -> tf.onesLike(share);
      case LINEAR -> share;
      case COSINE ->
          tf.math.div(
              tf.math.sub(one, tf.math.cos(tf.math.mul(tf.constant(Math.PI), share))),
              tf.constant(2.0));
    };
  }
}
