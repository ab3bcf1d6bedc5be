package org.adaptivesoftmax.loss;

import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.internal.graph.BatchInput;
import org.adaptivesoftmax.internal.graph.ClassTable;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.internal.weights.LayerWeights;
import org.adaptivesoftmax.internal.weights.Placement;
import org.jspecify.annotations.Nullable;
import org.tensorflow.DeviceSpec;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * The loss of an output layer, from inputs and targets to the reduced loss, with a gradient by the input and every weight.
 *
 * <p>A call reads from top to bottom: targets are checked, rows with a label are chosen and their targets ranked, the
 * clusters score them, each row's loss follows, and the rows are weighed and reduced. A full softmax is a head without tail
 * clusters.
 *
 * @param <T> type of the weights and the input
 */
public final class OutputLoss<T extends TFloating> {
  private final Class<T> type;
  private final ClusterPlan plan;
  private final LossSettings settings;
  private final LayerWeights<T> weights;
  private final boolean compiled;

  private OutputLoss(
      Class<T> type,
      ClusterPlan plan,
      LossSettings settings,
      LayerWeights<T> weights,
      boolean compiled) {
    this.type = type;
    this.plan = plan;
    this.settings = settings;
    this.weights = weights;
    this.compiled = compiled;
  }

  /**
   * A loss in the dynamic form.
   *
   * @param plan how the classes are divided
   * @param weights by PyTorch's names: {@code head.weight} [headSize, inFeatures] and perhaps {@code head.bias}, and for each
   *     tail cluster i {@code tail.i.0.weight} [width, inFeatures], {@code tail.i.1.weight} [size, width] and perhaps {@code
   *     tail.i.1.bias} [size]
   * @param deviceOfCluster where the products of a cluster are computed, 0 being the head and i the i-th tail cluster
   */
  public static <T extends TFloating> OutputLoss<T> of(
      Class<T> type,
      ClusterPlan plan,
      LossSettings settings,
      Map<String, ? extends Operand<T>> weights,
      IntFunction<Optional<DeviceSpec>> deviceOfCluster) {
    Require.argument(
        settings.order().size() == plan.nClasses(),
        "labelOrder must hold nClasses %d ids: %d",
        plan.nClasses(),
        settings.order().size());
    return new OutputLoss<>(
        type,
        plan,
        settings,
        LayerWeights.of(plan, weights, new Placement(deviceOfCluster)),
        false);
  }

  /**
   * This loss in the form that XLA compiles as a whole.
   *
   * @throws IllegalArgumentException if it is not reduced, or the clusters are on different devices
   */
  public OutputLoss<T> compiled() {
    CompiledLoss.requireCompilable(plan, weights.placement(), settings.reduction());
    return new OutputLoss<>(type, plan, settings, weights, true);
  }

  /** This loss in the dynamic form. */
  public OutputLoss<T> dynamic() {
    return new OutputLoss<>(type, plan, settings, weights, false);
  }

  /** Whether it is in the form that XLA compiles. */
  public boolean isCompiled() {
    return compiled;
  }

  /** The settings it was made with. */
  public LossSettings settings() {
    return settings;
  }

  /**
   * The loss of a batch.
   *
   * @param input [N, inFeatures], or [inFeatures]
   * @param target class ids or {@code ignoreIndex}, int32 or int64, [N], or a scalar
   * @throws IllegalArgumentException if a type or a static shape does not fit, or options and settings exclude each other
   */
  public SoftmaxLoss of(
      Ops tf, Operand<T> input, Operand<? extends TNumber> target, LossOptions options) {
    Require.argument(
        options.delta() == null || settings.labelSmoothing() == 0,
        "delta and labelSmoothing cannot be combined: labelSmoothing %s",
        settings.labelSmoothing());
    if (compiled) {
      CompiledLoss.requireCompilable(input.shape(), options, settings.tailDropout());
    }
    BatchInput<T> batch = BatchInput.of(tf, type, input, plan.inFeatures());
    Targets targets = Targets.checked(tf, settings, batch.rows(), batch.targets(tf, target));
    Class<? extends TFloating> products =
        options.computeType() == null ? type : options.computeType();
    SoftmaxLoss loss = of(tf, Precision.resultType(type), products, batch.rows(), targets, options);
    Operand<? extends TFloating> output = batch.unbatched(tf, loss.output());
    return settings.reduction() == Reduction.NONE
        ? new SoftmaxLoss(output, batch.unbatched(tf, loss.loss()))
        : new SoftmaxLoss(output, loss.loss());
  }

  private <R extends TFloating, C extends TFloating> SoftmaxLoss of(
      Ops tf,
      Class<R> result,
      Class<C> products,
      Operand<T> input,
      Targets targets,
      LossOptions options) {
    Operand<C> x = Precision.cast(tf, input, products);
    LayerWeights<C> cast = weights.in(tf, products);
    Operand<R> ofCaller = RowWeights.ofCaller(tf, result, x, options.sampleWeights());
    return compiled
        ? new CompiledLoss<>(plan, settings, cast, result).of(tf, x, targets, ofCaller)
        : dynamic(
            tf, new ClusterLoss<>(plan, settings, cast, result, options), x, targets, ofCaller);
  }

  private <R extends TFloating, C extends TFloating> SoftmaxLoss dynamic(
      Ops tf,
      ClusterLoss<C, R> clusters,
      Operand<C> x,
      Targets targets,
      @Nullable Operand<R> ofCaller) {
    LabelledRows rows = targets.labelled(tf);
    Operand<TInt32> ranks = new ClassTable(settings.order()).ranks(tf, rows.targets());
    RowLoss<R> losses = clusters.of(tf, rows.ofBatch(tf, x), ranks);
    return rows.reduced(tf, settings, losses, ofCaller);
  }
}
