package org.adaptivesoftmax;

import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.internal.graph.ProcessorCheck;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * Configuration of a {@link FullSoftmax}. {@code inFeatures} and {@code nClasses} are required; all else has a default. The
 * name is {@code full_softmax} by default.
 */
public final class FullSoftmaxBuilder<T extends TFloating>
    extends OutputLayerBuilder<T, FullSoftmaxBuilder<T>> {
  private boolean bias;

  FullSoftmaxBuilder(Class<T> type) {
    super(type, "full_softmax");
  }

  /** Whether each class has a bias; false by default. */
  public FullSoftmaxBuilder<T> bias(boolean present) {
    this.bias = present;
    return this;
  }

  /**
   * Adds the layer's variables to the graph; {@code Session.initialize} sets them.
   *
   * @throws IllegalArgumentException if a setting is missing or out of its range
   */
  @Override
  public FullSoftmax<T> build(Ops tf) {
    ProcessorCheck.warnOnce();
    ClusterPlan plan = ClusterPlan.headAlone(inFeatures, nClasses);
    return new FullSoftmax<>(tf, this, plan, bias);
  }
}
