package org.adaptivesoftmax;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntFunction;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.loss.ClassLoss;
import org.adaptivesoftmax.loss.CompiledLoss;
import org.adaptivesoftmax.loss.Reduction;
import org.jspecify.annotations.Nullable;
import org.tensorflow.DeviceSpec;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * Configuration of an {@link AdaptiveSoftmax}. {@code inFeatures}, {@code nClasses} and {@code cutoffs} (or a whole {@link
 * #plan}) are required; all else has a default.
 */
public final class AdaptiveSoftmaxBuilder<T extends TFloating> {
  private final Class<T> type;
  private String name = "adaptive_softmax";
  private boolean headBias;
  private boolean tailBias;
  private double tailDropout;
  private long seed;
  private boolean compiled;
  private IntFunction<Optional<DeviceSpec>> placement = cluster -> Optional.empty();

  private int inFeatures;
  private int nClasses;
  private List<Integer> cutoffs = List.of();
  private double divValue = ClusterPlan.DEFAULT_DIV_VALUE;
  private Reduction reduction = Reduction.MEAN;
  private OptionalLong ignoreIndex = OptionalLong.empty();
  private double labelSmoothing;
  private double @Nullable [] classWeights;
  private @Nullable LabelOrder labelOrder;

  /** The settings of a layer that its loss does not hold. */
  public record Settings<T extends TFloating>(
      Class<T> type,
      ClusterPlan plan,
      String name,
      boolean headBias,
      boolean tailBias,
      double tailDropout,
      long seed,
      IntFunction<Optional<DeviceSpec>> placement,
      boolean compiled) {

    /** Where a cluster's variables and products live; 0 is the head, i the i-th tail cluster. */
    public Ops device(Ops tf, int cluster) {
      return placement.apply(cluster).map(tf::withDevice).orElse(tf);
    }

    /** These settings for one form of the loss or the other. */
    Settings<T> compiled(boolean form, Reduction reduction) {
      if (form) {
        CompiledLoss.requireCompilable(plan, placement, reduction);
      }
      return new Settings<>(
          type, plan, name, headBias, tailBias, tailDropout, seed, placement, form);
    }
  }

  AdaptiveSoftmaxBuilder(Class<T> type) {
    this.type = Precision.requireSupported(type);
  }

  /** Width of the input; PyTorch's {@code in_features}. */
  public AdaptiveSoftmaxBuilder<T> inFeatures(int width) {
    this.inFeatures = width;
    return this;
  }

  /** Number of classes, at least 2; PyTorch's {@code n_classes}. */
  public AdaptiveSoftmaxBuilder<T> nClasses(int count) {
    this.nClasses = count;
    return this;
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

  /** How the rows' losses become the loss; {@link Reduction#MEAN} by default. */
  public AdaptiveSoftmaxBuilder<T> reduction(Reduction kind) {
    this.reduction = kind;
    return this;
  }

  /** The target of a row without a label, which has loss 0 and no gradient; none by default. */
  public AdaptiveSoftmaxBuilder<T> ignoreIndex(long target) {
    this.ignoreIndex = OptionalLong.of(target);
    return this;
  }

  /**
   * Label smoothing ε in [0, 1), 0 by default, at each level: in the head, 1 − ε of the target distribution is on the
   * target (or its cluster entry) and ε is spread evenly over the head's outputs; within the target's tail cluster,
   * likewise over its classes. The loss of a row is the sum of both cross entropies.
   *
   * <p>That differs from smoothing over all classes, as PyTorch's {@code cross_entropy} does: a class of the shortlist gets
   * ε / headSize instead of ε / nClasses, all classes of an unused tail cluster together get their cluster entry's ε /
   * headSize, and no cluster that no target uses is scored. {@code output} stays the log-probability.
   */
  public AdaptiveSoftmaxBuilder<T> labelSmoothing(double share) {
    this.labelSmoothing = share;
    return this;
  }

  /**
   * One weight per class, finite and not negative, by increasing class id; each row's loss is multiplied by its target's,
   * as PyTorch's {@code cross_entropy} does. All 1 by default.
   */
  public AdaptiveSoftmaxBuilder<T> classWeights(double... weights) {
    this.classWeights = weights.clone();
    return this;
  }

  /** The class ids by rank; by default ids are ranks, as PyTorch requires. */
  public AdaptiveSoftmaxBuilder<T> labelOrder(LabelOrder order) {
    this.labelOrder = order;
    return this;
  }

  /** Seed of the initial weights and of dropout; 0 by default. */
  public AdaptiveSoftmaxBuilder<T> seed(long value) {
    this.seed = value;
    return this;
  }

  /** Name scope of the layer's ops, and first part of its variables' names; {@code adaptive_softmax} by default. */
  public AdaptiveSoftmaxBuilder<T> name(String scope) {
    this.name = scope;
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
   * <p>The number of rows of an input must be known when the graph is built. Not to be had in this form, with an {@link
   * IllegalArgumentException} from {@link #build} or {@code call}: {@link Reduction#NONE}, clusters on different devices,
   * {@code delta}, and {@code tailDropout} in training. {@code SoftmaxLoss.output()} is not differentiable, the loss is. A
   * run that fetches the loss alone computes the gradients too: evaluate with {@link AdaptiveSoftmax#compiled
   * compiled(false)}. What the layer predicts is not compiled, and exporters never export this form.
   *
   * <p>It is meant for accelerators. The function lives on the device that {@link #placement} gives to the clusters, and
   * holds nothing that is particular to a processor. It was run on a CPU alone (Linux, x86-64), where the dynamic form is
   * faster; it was not run on a GPU or TPU.
   */
  public AdaptiveSoftmaxBuilder<T> compiled(boolean whole) {
    this.compiled = whole;
    return this;
  }

  /**
   * Adds the layer's variables to the graph; {@code Session.initialize} sets them.
   *
   * @throws IllegalArgumentException if a setting is missing or out of its range
   */
  public AdaptiveSoftmax<T> build(Ops tf) {
    ClusterPlan plan = new ClusterPlan(inFeatures, nClasses, cutoffs, divValue);
    requireShare("tailDropout", tailDropout);
    LabelOrder order = labelOrder != null ? labelOrder : LabelOrder.identity(nClasses);
    ClassLoss loss =
        ClassLoss.checked(order, nClasses, ignoreIndex, classWeights, reduction, labelSmoothing);
    Settings<T> settings =
        new Settings<>(type, plan, name, headBias, tailBias, tailDropout, seed, placement, false);
    return new AdaptiveSoftmax<>(tf, settings.compiled(compiled, reduction), loss);
  }

  private static void requireShare(String name, double value) {
    Require.argument(value >= 0 && value < 1, "%s must be in [0, 1): %s", name, value);
  }
}
