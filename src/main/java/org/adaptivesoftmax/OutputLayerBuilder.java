package org.adaptivesoftmax;

import java.util.OptionalLong;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.loss.LossSettings;
import org.adaptivesoftmax.loss.Reduction;
import org.jspecify.annotations.Nullable;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * What every output layer is configured with: {@code inFeatures} and {@code nClasses} are required, all else has a default.
 *
 * @param <T> type of the weights and the input
 * @param <B> the builder itself
 */
public abstract sealed class OutputLayerBuilder<
        T extends TFloating, B extends OutputLayerBuilder<T, B>>
    permits AdaptiveSoftmaxBuilder, FullSoftmaxBuilder {
  final Class<T> type;
  int inFeatures;
  int nClasses;
  String name;
  long seed;

  private Reduction reduction = Reduction.MEAN;
  private OptionalLong ignoreIndex = OptionalLong.empty();
  private double labelSmoothing;
  private double @Nullable [] classWeights;
  private @Nullable LabelOrder labelOrder;

  OutputLayerBuilder(Class<T> type, String name) {
    this.type = Precision.requireSupported(type);
    this.name = name;
  }

  /** Width of the input; PyTorch's {@code in_features}. */
  public B inFeatures(int width) {
    this.inFeatures = width;
    return self();
  }

  /** Number of classes, at least 2; PyTorch's {@code n_classes}. */
  public B nClasses(int count) {
    this.nClasses = count;
    return self();
  }

  /** How the rows' losses become the loss; {@link Reduction#MEAN} by default. */
  public B reduction(Reduction kind) {
    this.reduction = kind;
    return self();
  }

  /** The target of a row without a label, which has loss 0 and no gradient; none by default. */
  public B ignoreIndex(long target) {
    this.ignoreIndex = OptionalLong.of(target);
    return self();
  }

  /**
   * One weight per class, finite and not negative, by increasing class id; each row's loss is multiplied by its target's,
   * as PyTorch's {@code cross_entropy} does. All 1 by default.
   */
  public B classWeights(double... weights) {
    this.classWeights = weights.clone();
    return self();
  }

  /** The class ids by rank; by default ids are ranks, as PyTorch requires. */
  public B labelOrder(LabelOrder order) {
    this.labelOrder = order;
    return self();
  }

  /** Seed of the initial weights and of dropout; 0 by default. */
  public B seed(long value) {
    this.seed = value;
    return self();
  }

  /** Name scope of the layer's ops, and first part of its variables' names. */
  public B name(String scope) {
    this.name = scope;
    return self();
  }

  /**
   * Label smoothing ε in [0, 1), 0 by default, at each level: in the head, 1 − ε of the target distribution is on the
   * target (or its cluster entry) and ε is spread evenly over the head's outputs; within the target's tail cluster,
   * likewise over its classes. The loss of a row is the sum of both cross entropies.
   *
   * <p>For a full softmax, whose head holds every class, that is PyTorch's {@code cross_entropy}. With tail clusters it
   * differs from it: a class of the shortlist gets ε / headSize instead of ε / nClasses, all classes of an unused tail
   * cluster together get their cluster entry's ε / headSize, and no cluster that no target uses is scored. {@code output}
   * stays the log-probability.
   */
  public B labelSmoothing(double share) {
    this.labelSmoothing = share;
    return self();
  }

  /**
   * Adds the layer's variables to the graph; {@code Session.initialize} sets them.
   *
   * @throws IllegalArgumentException if a setting is missing or out of its range
   */
  public abstract OutputLayer<T> build(Ops tf);

  /** The settings of the loss, checked. */
  final LossSettings lossSettings() {
    LabelOrder order = labelOrder != null ? labelOrder : LabelOrder.identity(nClasses);
    LossSettings settings =
        LossSettings.of(order)
            .reduction(reduction)
            .ignoreIndex(ignoreIndex)
            .labelSmoothing(labelSmoothing);
    return classWeights == null ? settings : settings.classWeights(classWeights);
  }

  @SuppressWarnings("unchecked") // The two builders name themselves.
  private B self() {
    return (B) this;
  }
}
