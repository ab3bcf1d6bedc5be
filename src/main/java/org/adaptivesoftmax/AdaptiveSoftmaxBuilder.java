package org.adaptivesoftmax;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.internal.graph.ProcessorCheck;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.internal.weights.Placement;
import org.adaptivesoftmax.loss.LossSettings;
import org.adaptivesoftmax.loss.Reduction;
import org.tensorflow.DeviceSpec;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * Configuration of an {@link AdaptiveSoftmax}. {@code inFeatures}, {@code nClasses} and {@code cutoffs} (or a whole {@link
 * #plan}) are required; all else has a default.
 */
public final class AdaptiveSoftmaxBuilder<T extends TFloating>
    extends OutputLayerBuilder<T, AdaptiveSoftmaxBuilder<T>> {
  private boolean headBias;
  private boolean tailBias;
  private double tailDropout;
  private boolean compiled;
  private IntFunction<Optional<DeviceSpec>> placement = cluster -> Optional.empty();

  private List<Integer> cutoffs = List.of();
  private double divValue = ClusterPlan.DEFAULT_DIV_VALUE;

  /** The settings of a layer that its loss does not hold. */
  record Settings<T extends TFloating>(
      Class<T> type,
      ClusterPlan plan,
      String name,
      boolean headBias,
      boolean tailBias,
      long seed,
      Placement placement) {}

  AdaptiveSoftmaxBuilder(Class<T> type) {
    super(type, "adaptive_softmax");
  }

  /** Strictly increasing, each in 1..nClasses−1; PyTorch's {@code cutoffs}. */
  public AdaptiveSoftmaxBuilder<T> cutoffs(int... values) {
    this.cutoffs = Arrays.stream(values).boxed().toList();
    return this;
  }

  /** Factor by which projections narrow, above 0; 4 by default; PyTorch's {@code div_value}. */
  public AdaptiveSoftmaxBuilder<T> divValue(double value) {
    this.divValue = value;
    return this;
  }

  /** {@code inFeatures}, {@code nClasses}, {@code cutoffs} and {@code divValue} at once. */
  public AdaptiveSoftmaxBuilder<T> plan(ClusterPlan plan) {
    this.inFeatures = plan.inFeatures();
    this.nClasses = plan.nClasses();
    this.cutoffs = plan.cutoffs();
    this.divValue = plan.divValue();
    return this;
  }

  /** Whether the head has a bias; false by default; PyTorch's {@code head_bias}. */
  public AdaptiveSoftmaxBuilder<T> headBias(boolean present) {
    this.headBias = present;
    return this;
  }

  /** Whether each tail cluster's classes have a bias; false by default. PyTorch has none. */
  public AdaptiveSoftmaxBuilder<T> tailBias(boolean present) {
    this.tailBias = present;
    return this;
  }

  /** Probability that a value of a tail projection is dropped in training, in [0, 1); 0 by default. */
  public AdaptiveSoftmaxBuilder<T> tailDropout(double rate) {
    this.tailDropout = rate;
    return this;
  }

  /**
   * Where clusters live: from a cluster, 0 for the head and i for the i-th tail cluster, to the device of its variables and
   * products; empty leaves it to TensorFlow, the default.
   */
  public AdaptiveSoftmaxBuilder<T> placement(IntFunction<Optional<DeviceSpec>> deviceOfCluster) {
    this.placement = deviceOfCluster;
    return this;
  }

  /**
   * Whether {@link AdaptiveSoftmax#call} computes the loss and its gradients in one function that XLA compiles as a whole,
   * instead of op by op; false by default. The function has static shapes, so that it is compiled once for each number of
   * rows, and is exact for every batch: rows are sorted by cluster, and each tail cluster takes as many blocks of rows as
   * the batch needs. No row is dropped, and a cluster without rows runs no product of matrices. Loss and gradients equal the
   * dynamic form's up to rounding.
   *
   * <p>The number of rows of an input must be known when the graph is built. Unavailable in this form, with an {@link
   * IllegalArgumentException} from {@link #build} or {@code call}: {@link Reduction#NONE}, clusters on different devices,
   * {@code delta}, and {@code tailDropout} in training. {@code SoftmaxLoss.output()} is not differentiable, the loss is. A
   * run that fetches the loss alone computes the gradients too: evaluate with {@link AdaptiveSoftmax#dynamic}. What the layer predicts is not compiled, and exporters never export this form.
   *
   * <p>It is meant for accelerators. The function lives on the device that {@link #placement} gives to the clusters, and
   * holds nothing that is particular to a processor. It was run on a CPU alone (Linux, x86-64), where the dynamic form is
   * faster; it was not run on a GPU or TPU.
   */
  public AdaptiveSoftmaxBuilder<T> compiled(boolean present) {
    this.compiled = present;
    return this;
  }

  /**
   * Adds the layer's variables to the graph; {@code Session.initialize} sets them.
   *
   * @throws IllegalArgumentException if a setting is missing or out of its range
   */
  @Override
  public AdaptiveSoftmax<T> build(Ops tf) {
    ProcessorCheck.warnOnce();
    Require.argument(!cutoffs.isEmpty(), "cutoffs must hold at least one value: %s", cutoffs);
    ClusterPlan plan = new ClusterPlan(inFeatures, nClasses, cutoffs, divValue);
    Settings<T> settings =
        new Settings<>(type, plan, name, headBias, tailBias, seed, new Placement(placement));
    LossSettings loss = lossSettings().tailDropout(tailDropout, seed);
    return AdaptiveSoftmax.create(tf, settings, loss, compiled);
  }
}
