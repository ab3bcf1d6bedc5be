package org.adaptivesoftmax.embedding;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntFunction;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.internal.graph.ClassIds;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.io.Require;
import org.jspecify.annotations.Nullable;
import org.tensorflow.DeviceSpec;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * Configuration of an {@link AdaptiveEmbedding}. {@code outFeatures}, {@code nClasses} and {@code cutoffs} (or a whole
 * {@link #plan}, or {@link #tiedTo}) are required; all else has a default.
 */
public final class AdaptiveEmbeddingBuilder<T extends TFloating> {
  private final Class<T> type;
  private int outFeatures;
  private int nClasses;
  private List<Integer> cutoffs = List.of();
  private double divValue = ClusterPlan.DEFAULT_DIV_VALUE;
  private @Nullable LabelOrder labelOrder;
  private OptionalLong paddingIndex = OptionalLong.empty();
  private long seed;
  private String name = "adaptive_embedding";
  private IntFunction<Optional<DeviceSpec>> placement = cluster -> Optional.empty();
  private @Nullable TiedSoftmax<T> tied;

  /**
   * The settings of an embedding.
   *
   * @param ids the class ids by rank, and the padding index
   * @param tied what it shares with a softmax; null if nothing
   */
  record Settings<T extends TFloating>(
      Class<T> type,
      ClusterPlan plan,
      ClassIds ids,
      long seed,
      String name,
      IntFunction<Optional<DeviceSpec>> placement,
      @Nullable TiedSoftmax<T> tied) {}

  AdaptiveEmbeddingBuilder(Class<T> type) {
    this.type = Precision.requireSupported(type);
  }

  /** Width of the output, at least 1: a plan's {@code inFeatures}. */
  public AdaptiveEmbeddingBuilder<T> outFeatures(int width) {
    this.outFeatures = width;
    return this;
  }

  /** Number of classes, at least 2. */
  public AdaptiveEmbeddingBuilder<T> nClasses(int count) {
    this.nClasses = count;
    return this;
  }

  /** Strictly increasing, each in 1..nClasses−1. */
  public AdaptiveEmbeddingBuilder<T> cutoffs(int... values) {
    this.cutoffs = Arrays.stream(values).boxed().toList();
    return this;
  }

  /** Factor by which the rows narrow from one cluster to the next, above 0; 4 by default. */
  public AdaptiveEmbeddingBuilder<T> divValue(double value) {
    this.divValue = value;
    return this;
  }

  /** {@code outFeatures} (the plan's {@code inFeatures}), {@code nClasses}, {@code cutoffs} and {@code divValue}. */
  public AdaptiveEmbeddingBuilder<T> plan(ClusterPlan plan) {
    this.outFeatures = plan.inFeatures();
    this.nClasses = plan.nClasses();
    this.cutoffs = plan.cutoffs();
    this.divValue = plan.divValue();
    return this;
  }

  /** The class ids by rank; by default those of the softmax it is tied to, if any, else ids are ranks. */
  public AdaptiveEmbeddingBuilder<T> labelOrder(LabelOrder order) {
    this.labelOrder = order;
    return this;
  }

  /**
   * An id that stands for no class: its embedding is the zero vector, and it gives no row a gradient. It may be a class's
   * id, whose row is then never read, or any other. None by default.
   */
  public AdaptiveEmbeddingBuilder<T> paddingIndex(long id) {
    this.paddingIndex = OptionalLong.of(id);
    return this;
  }

  /** Seed of the initial weights; 0 by default. */
  public AdaptiveEmbeddingBuilder<T> seed(long value) {
    this.seed = value;
    return this;
  }

  /** Name scope of the layer's ops, and first part of its variables' names; {@code adaptive_embedding} by default. */
  public AdaptiveEmbeddingBuilder<T> name(String scope) {
    this.name = scope;
    return this;
  }

  /**
   * Where clusters live: from a cluster, 0 for the shortlist and i for the i-th tail cluster, to the device of its
   * variables and products; empty leaves it to TensorFlow, the default. Shared variables stay where the softmax put them.
   */
  public AdaptiveEmbeddingBuilder<T> placement(IntFunction<Optional<DeviceSpec>> deviceOfCluster) {
    this.placement = deviceOfCluster;
    return this;
  }

  /**
   * Shares variables with an output layer of the same type, plan, label order and graph. If no plan is set, its plan is
   * taken, and if no label order is set, its label order.
   */
  public AdaptiveEmbeddingBuilder<T> tiedTo(AdaptiveSoftmax<T> softmax, Tying tying) {
    this.tied = new TiedSoftmax<>(softmax, tying);
    return this;
  }

  /**
   * Adds the layer's variables to the graph; {@code Session.initialize} sets them.
   *
   * @throws IllegalArgumentException if a setting is missing or out of its range, or does not go with the softmax that the
   *     layer is tied to
   */
  public AdaptiveEmbedding<T> build(Ops tf) {
    ClusterPlan plan = effectivePlan();
    LabelOrder order = effectiveOrder(plan);
    Require.argument(
        order.size() == plan.nClasses(),
        "labelOrder must hold nClasses %d ids: %d",
        plan.nClasses(),
        order.size());
    if (tied != null) {
      tied.requireFitting(tf, type, plan, order);
    }
    ClassIds ids = new ClassIds("ids", order, paddingIndex, "paddingIndex");
    return new AdaptiveEmbedding<>(
        tf, new Settings<>(type, plan, ids, seed, name, placement, tied));
  }

  private ClusterPlan effectivePlan() {
    boolean unset = outFeatures == 0 && nClasses == 0 && cutoffs.isEmpty();
    if (tied != null && unset) {
      return tied.softmax().plan();
    }
    Require.argument(outFeatures >= 1, "outFeatures must be at least 1: %d", outFeatures);
    return new ClusterPlan(outFeatures, nClasses, cutoffs, divValue);
  }

  private LabelOrder effectiveOrder(ClusterPlan plan) {
    if (labelOrder != null) {
      return labelOrder;
    }
    return tied != null ? tied.softmax().labelOrder() : LabelOrder.identity(plan.nClasses());
  }
}
