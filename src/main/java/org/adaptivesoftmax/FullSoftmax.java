package org.adaptivesoftmax;

import java.util.Map;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.decoding.Decoder;
import org.adaptivesoftmax.internal.graph.Batches;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.weights.Clusters;
import org.adaptivesoftmax.internal.weights.Linear;
import org.adaptivesoftmax.internal.weights.Parameters;
import org.adaptivesoftmax.loss.ClassLoss;
import org.adaptivesoftmax.loss.ClassLoss.RowLoss;
import org.adaptivesoftmax.loss.LossOptions;
import org.adaptivesoftmax.loss.MarginLoss;
import org.adaptivesoftmax.loss.MarginLoss.Level;
import org.adaptivesoftmax.loss.Reduction;
import org.adaptivesoftmax.loss.RowLogProb;
import org.adaptivesoftmax.loss.SoftmaxLoss;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * A full softmax over all classes, log p = log softmax(W h), with the same fused loss and gradient as {@link
 * AdaptiveSoftmax}: what the adaptive softmax is measured against, and the better choice below some ten thousand classes.
 *
 * @param <T> type of the weights and the input: float32, float64, bfloat16 or float16
 */
public final class FullSoftmax<T extends TFloating> implements OutputLayer<T> {
  private final String name;
  private final Class<T> type;
  private final ClusterPlan plan;
  private final ClassLoss classLoss;
  private final Class<? extends TFloating> resultType;
  private final Linear<T> linear;
  private final Map<String, Variable<T>> parameters;
  private final Decoder<T> decoder;

  FullSoftmax(Ops tf, FullSoftmaxBuilder<T> settings, ClusterPlan plan, boolean bias) {
    this.name = settings.name;
    this.type = settings.type;
    this.plan = plan;
    this.classLoss = settings.loss();
    this.resultType = Precision.resultType(type);
    Parameters<T> created = new Parameters<>(type, name, settings.seed);
    int width = plan.inFeatures();
    int classes = plan.nClasses();
    this.linear =
        new Linear<>(
            created.uniform(tf, "weight", width, classes, width),
            bias ? created.uniform(tf, "bias", width, classes) : null);
    this.parameters = created.byName();
    this.decoder = new Decoder<>(name, type, width, Clusters.headAlone(classLoss.order(), linear));
  }

  /**
   * Starts the configuration of a layer.
   *
   * @param type type of the weights and the input
   * @throws IllegalArgumentException if the type is not float32, float64, bfloat16 or float16
   */
  public static <T extends TFloating> FullSoftmaxBuilder<T> builder(Class<T> type) {
    return new FullSoftmaxBuilder<>(type);
  }

  /** All classes in the head. */
  @Override
  public ClusterPlan plan() {
    return plan;
  }

  @Override
  public LabelOrder labelOrder() {
    return classLoss.order();
  }

  /** {@code weight}, [nClasses, inFeatures], and {@code bias}, [nClasses], if the layer has one; rows in order of rank. */
  @Override
  public Map<String, Variable<T>> parameters() {
    return parameters;
  }

  @Override
  public SoftmaxLoss call(
      Ops tf, Operand<T> input, Operand<? extends TNumber> target, LossOptions options) {
    Ops scope = tf.withSubScope(name);
    Batches<T> batch = Batches.of(scope, type, input, inFeatures());
    Class<? extends TFloating> products =
        options.computeType() == null ? type : options.computeType();
    SoftmaxLoss loss =
        loss(scope, resultType, products, batch.rows(), batch.targets(scope, target), options);
    Operand<? extends TFloating> output = batch.unbatched(scope, loss.output());
    return classLoss.reduction() == Reduction.NONE
        ? new SoftmaxLoss(output, batch.unbatched(scope, loss.loss()))
        : new SoftmaxLoss(output, loss.loss());
  }

  @Override
  public QuantizedSoftmax quantized(Ops tf, TailWeights form) {
    throw new IllegalArgumentException(
        "tailWeights must be FLOAT32 for a layer without tail clusters: " + form);
  }

  @Override
  public Decoder<T> decoder() {
    return decoder;
  }

  private <R extends TFloating, C extends TFloating> SoftmaxLoss loss(
      Ops tf,
      Class<R> computed,
      Class<C> products,
      Operand<T> x,
      Operand<? extends TNumber> targets,
      LossOptions options) {
    Linear<C> weights = linear.in(tf, products);
    return classLoss.of(
        tf,
        computed,
        Precision.cast(tf, x, products),
        targets,
        options,
        (scope, rows, ranks) -> score(scope, computed, weights, rows, ranks, options));
  }

  private static <R extends TFloating, C extends TFloating> RowLoss<R> score(
      Ops tf,
      Class<R> computed,
      Linear<C> linear,
      Operand<C> x,
      Operand<TInt32> classes,
      LossOptions options) {
    RowLogProb<R> scored = RowLogProb.of(tf, computed, x, linear, classes, false);
    if (options.delta() == null) {
      return new RowLoss<>(scored.target(), tf.math.neg(scored.target()));
    }
    Operand<R> delta = MarginLoss.checkedDelta(tf, computed, options.delta());
    MarginLoss<C, R> margin =
        MarginLoss.of(tf, delta, new Level<>(tf, x, linear, scored.p()), classes);
    return new RowLoss<>(scored.target(), margin.loss(scored.target()));
  }
}
