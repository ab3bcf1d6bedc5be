package org.adaptivesoftmax.assoftmax;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.adaptivesoftmax.internal.graph.Checks;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.framework.optimizers.Optimizer.GradAndVar;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/**
 * AS-Speed: as rows finish, more micro-batches go into one optimizer step (Lv et al., 2025, arXiv 2508.03175).
 *
 * <p>A <i>window</i> is the micro-batches of one optimizer step. Its {@linkplain AccumulationSchedule accumulation steps}
 * are computed once, from its first micro-batch; the gradients are summed over the window and divided by their number.
 * Sums, steps and place in the window are variables of the graph, saved and restored with the others: no gradient leaves
 * the graph, and training resumed in the middle of a window goes on there.
 *
 * <p>A training loop has two runs. The first is one micro-batch, and says whether it was the window's last; then the second
 * updates the variables and opens the next window:
 *
 * <pre>{@code
 * var loss = softmax.lossAndRows(tf, labels, logits, null);
 * var accumulation =
 *     AdaptiveGradientAccumulation.create(
 *         tf, schedule, loss.rows(), optimizer.computeGradients(loss.loss()));
 * Op update = accumulation.update(tf, mean -> optimizer.applyGradients(mean, "update"));
 * …
 * if (fetched(accumulation.windowComplete())) {
 *   session.runner().addTarget(update).run();
 * }
 * }</pre>
 *
 * <p>Gradients in half precision are summed in float32. One run at a time: two micro-batches that run at once race.
 */
public final class AdaptiveGradientAccumulation {
  private static final String NAME = "adaptive_gradient_accumulation";

  private final List<Sum<?, ?>> sums;
  private final Variable<TInt64> microBatches;
  private final Operand<TBool> windowComplete;
  private final Operand<TInt64> steps;

  private AdaptiveGradientAccumulation(
      List<Sum<?, ?>> sums,
      Variable<TInt64> microBatches,
      Operand<TBool> windowComplete,
      Operand<TInt64> steps) {
    this.sums = sums;
    this.microBatches = microBatches;
    this.windowComplete = windowComplete;
    this.steps = steps;
  }

  /**
   * Adds the variables of the accumulation to the graph, one sum for each gradient; {@code Session.initialize} sets them.
   * One accumulation per graph.
   *
   * @param tf builds the ops
   * @param schedule gives a window's accumulation steps
   * @param rows of the micro-batch, as {@link AdaptiveSparseSoftmax#lossAndRows} counts them
   * @param gradients of the micro-batch's mean loss, with their variables, as {@code Optimizer.computeGradients} gives
   *     them; variables that the loss does not depend on are left out
   * @throws IllegalArgumentException if a variable is not of a floating type
   */
  public static AdaptiveGradientAccumulation create(
      Ops tf, AccumulationSchedule schedule, UnfinishedRows rows, List<GradAndVar<?>> gradients) {
    List<Sum<?, ?>> sums = new ArrayList<>();
    for (GradAndVar<?> gradient : gradients) {
      if (!gradient.getGradient().isClosed()) {
        sums.add(Sum.of(tf, gradient));
      }
    }
    Variable<TInt64> steps = counter(tf, "steps", 1);
    Variable<TInt64> microBatches = counter(tf, "micro_batches", 0);
    Ops scope = tf.withSubScope(NAME);
    Operand<TInt64> now = stepsOfWindow(scope, schedule, rows, steps, microBatches);
    Operand<TInt64> place = scope.math.add(microBatches, scope.constant(1L));
    List<Op> changes = new ArrayList<>();
    sums.forEach(sum -> changes.add(sum.add(scope)));
    Ops known = scope.withControlDependencies(List.of(now, place));
    changes.add(known.assign(steps, now));
    changes.add(known.assign(microBatches, place));
    Operand<TBool> complete = scope.math.greaterEqual(place, now);
    Ops changed = scope.withControlDependencies(changes);
    return new AdaptiveGradientAccumulation(
        List.copyOf(sums), microBatches, changed.identity(complete), changed.identity(now));
  }

  /**
   * Whether the micro-batch completed its window, a scalar. Fetching it runs the micro-batch: its gradients are added to
   * the sums.
   */
  public Operand<TBool> windowComplete() {
    return windowComplete;
  }

  /**
   * The accumulation steps of the micro-batch's window, a scalar. Fetching it runs the micro-batch, once together with
   * {@link #windowComplete}.
   */
  public Operand<TInt64> steps() {
    return steps;
  }

  /**
   * The optimizer step of a window, to be run after its last micro-batch, which opens the next window. Run earlier, at the
   * end of the data for instance, it takes the mean over the micro-batches there are; a run fails if there is none.
   *
   * @param tf builds the ops
   * @param optimizer from the window's mean gradients to the op that applies them, {@code Optimizer.applyGradients} for
   *     instance
   * @return the op to run
   */
  public Op update(Ops tf, Function<List<GradAndVar<? extends TType>>, ? extends Op> optimizer) {
    Ops scope = tf.withSubScope(NAME);
    Operand<TInt64> count =
        Checks.atRun(
            scope,
            microBatches,
            scope.math.greater(microBatches, scope.constant(0L)),
            scope.constant("no micro-batch has been accumulated since the last update"));
    List<GradAndVar<? extends TType>> means = new ArrayList<>();
    sums.forEach(sum -> means.add(sum.mean(scope, count)));
    Ops applied = scope.withControlDependencies(List.of(optimizer.apply(means)));
    List<Op> resets = new ArrayList<>();
    sums.forEach(sum -> resets.add(sum.reset(applied)));
    resets.add(applied.assign(microBatches, applied.constant(0L)));
    return scope.withControlDependencies(resets).noOp();
  }

  /** New steps if the window begins, the present ones if not. */
  private static Operand<TInt64> stepsOfWindow(
      Ops tf,
      AccumulationSchedule schedule,
      UnfinishedRows rows,
      Variable<TInt64> steps,
      Variable<TInt64> microBatches) {
    Operand<TInt64> begins =
        tf.dtypes.cast(tf.math.equal(microBatches, tf.constant(0L)), TInt64.class);
    // Steps never fall, so a maximum chooses between the two; unlike a select, it copies the
    // variable, which is then assigned.
    return tf.math.maximum(steps, tf.math.mul(begins, schedule.steps(tf, steps, rows)));
  }

  private static Variable<TInt64> counter(Ops tf, String name, long initial) {
    Variable<TInt64> counter =
        tf.withName(NAME + "." + name).variable(Shape.scalar(), TInt64.class);
    Ops init = tf.withInitScope();
    init.assign(counter, init.constant(initial));
    return counter;
  }

  /**
   * The sum of a window's gradients of one variable.
   *
   * @param gradient of a micro-batch
   * @param variable what the optimizer changes
   * @param total the sum, in float32 for half precision
   */
  private record Sum<T extends TFloating, R extends TFloating>(
      Output<T> gradient, Output<T> variable, Variable<R> total) {

    @SuppressWarnings("unchecked")
    static Sum<?, ?> of(Ops tf, GradAndVar<?> pair) {
      Require.argument(
          TFloating.class.isAssignableFrom(pair.getVariable().type()),
          "variable %s must be of a floating type: %s",
          pair.getVariable().op().name(),
          pair.getVariable().type().getSimpleName());
      GradAndVar<? extends TFloating> floating = (GradAndVar<? extends TFloating>) pair;
      return of(tf, floating, LogitRows.typeFor(floating.getVariable()));
    }

    private static <T extends TFloating, R extends TFloating> Sum<T, R> of(
        Ops tf, GradAndVar<T> pair, Class<R> type) {
      Output<T> variable = pair.getVariable();
      // No name scope: Session.save and the framework's optimizers want names without a slash.
      String name = NAME + "." + variable.op().name().replace('/', '.');
      Variable<R> total = tf.withName(name).variable(variable.shape(), type);
      Ops init = tf.withInitScope();
      Operand<TInt64> shape = init.constant(variable.shape().asArray());
      init.assign(total, init.zeros(shape, type));
      return new Sum<>(pair.getGradient(), variable, total);
    }

    Op add(Ops tf) {
      return tf.assignAdd(total, Precision.cast(tf, gradient, total.type()));
    }

    GradAndVar<T> mean(Ops tf, Operand<TInt64> count) {
      Operand<R> mean = tf.math.div(total, Precision.cast(tf, count, total.type()));
      return new GradAndVar<>(Precision.cast(tf, mean, variable.type()).asOutput(), variable);
    }

    Op reset(Ops tf) {
      return tf.assign(total, tf.zerosLike(total));
    }
  }
}
