package org.adaptivesoftmax;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.AdaptiveSoftmaxBuilder.Settings;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.decoding.Decoder;
import org.adaptivesoftmax.internal.graph.Batches;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.internal.weights.Clusters;
import org.adaptivesoftmax.internal.weights.LayerWeights;
import org.adaptivesoftmax.internal.weights.Linear;
import org.adaptivesoftmax.internal.weights.Parameters;
import org.adaptivesoftmax.internal.weights.TailCluster;
import org.adaptivesoftmax.loss.ClassLoss;
import org.adaptivesoftmax.loss.ClassLoss.RowLoss;
import org.adaptivesoftmax.loss.ClusterLoss;
import org.adaptivesoftmax.loss.CompiledLoss;
import org.adaptivesoftmax.loss.LossOptions;
import org.adaptivesoftmax.loss.Reduction;
import org.adaptivesoftmax.loss.SoftmaxLoss;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * Adaptive softmax (Grave et al., "Efficient softmax approximation for GPUs", 2017), as PyTorch's {@code
 * nn.AdaptiveLogSoftmaxWithLoss}.
 *
 * <p>Classes are ranked by decreasing frequency and divided by a {@link ClusterPlan}. With input h, head weight
 * W<sub>0</sub>, and tail cluster i's projection T<sub>i</sub> and class weight W<sub>i</sub>:
 *
 * <pre>
 * head        = log softmax(W0 h + b0)                        shortlist, then one cluster entry per tail cluster
 * log p(c)    = head[c]                                       for c in the shortlist
 * log p(c)    = head[entry i] + log softmax(Wi Ti h + bi)[c]  for c in tail cluster i
 * loss        = −log p(target), reduced
 * </pre>
 *
 * <p>{@link #call} scores each row in the head and in its target's tail cluster alone: a cluster that no target of the
 * batch needs runs no product of matrices, and [N, nClasses] is never built. Its gradients, by the input and by every
 * variable, are computed together with the loss and come out of {@code Graph.addGradients} and of every optimizer.
 *
 * <pre>{@code
 * AdaptiveSoftmax<TFloat32> softmax =
 *     AdaptiveSoftmax.builder(TFloat32.class)
 *         .inFeatures(512).nClasses(100_000).cutoffs(4_000, 20_000).build(tf);
 * SoftmaxLoss result = softmax.call(tf, hidden, targets);
 * }</pre>
 *
 * @param <T> type of the weights and the input: float32, float64, bfloat16 or float16. The half types hold weights and
 *     activations; log-sum-exp, log-probabilities and loss are float32 then.
 */
public final class AdaptiveSoftmax<T extends TFloating> implements OutputLayer<T> {
  private final Settings<T> settings;
  private final ClusterPlan plan;
  private final ClassLoss classLoss;
  private final Class<? extends TFloating> resultType;
  private final Map<String, Variable<T>> parameters;
  private final LayerWeights<T> weights;
  private final Decoder<T> decoder;

  AdaptiveSoftmax(Ops tf, Settings<T> settings, ClassLoss loss) {
    this.settings = settings;
    this.plan = settings.plan();
    this.classLoss = loss;
    this.resultType = Precision.resultType(settings.type());
    Parameters<T> created = new Parameters<>(settings.type(), settings.name(), settings.seed());
    Linear<T> head = head(settings.device(tf, 0), created);
    List<TailCluster<T>> tails = new ArrayList<>();
    for (int tail = 0; tail < plan.nTails(); tail++) {
      tails.add(tail(settings.device(tf, tail + 1), created, tail));
    }
    this.weights = new LayerWeights<>(head, List.copyOf(tails), settings::device);
    this.parameters = created.byName();
    this.decoder =
        new Decoder<>(
            settings.name(),
            settings.type(),
            plan.inFeatures(),
            Clusters.of(plan, loss.order(), head, tails, settings::device));
  }

  private AdaptiveSoftmax(AdaptiveSoftmax<T> of, Settings<T> settings) {
    this.settings = settings;
    this.plan = of.plan;
    this.classLoss = of.classLoss;
    this.resultType = of.resultType;
    this.parameters = of.parameters;
    this.weights = of.weights;
    this.decoder = of.decoder;
  }

  /**
   * Starts the configuration of a layer.
   *
   * @param type type of the weights and the input
   * @throws IllegalArgumentException if the type is not float32, float64, bfloat16 or float16
   */
  public static <T extends TFloating> AdaptiveSoftmaxBuilder<T> builder(Class<T> type) {
    return new AdaptiveSoftmaxBuilder<>(type);
  }

  /**
   * This layer with its loss in the form that XLA compiles, as {@link AdaptiveSoftmaxBuilder#compiled} has it; the variables
   * are the same.
   *
   * @throws IllegalArgumentException if it cannot be compiled: see {@link AdaptiveSoftmaxBuilder#compiled}
   */
  public AdaptiveSoftmax<T> compiled() {
    return inForm(true);
  }

  /** {@inheritDoc} A layer that XLA compiles for training is evaluated with this one. */
  @Override
  public AdaptiveSoftmax<T> dynamic() {
    return inForm(false);
  }

  private AdaptiveSoftmax<T> inForm(boolean compiled) {
    return compiled == settings.compiled()
        ? this
        : new AdaptiveSoftmax<>(this, settings.compiled(compiled, classLoss.reduction()));
  }

  @Override
  public ClusterPlan plan() {
    return plan;
  }

  @Override
  public LabelOrder labelOrder() {
    return classLoss.order();
  }

  /**
   * The variables under PyTorch's names: {@code head.weight} [headSize, inFeatures], {@code head.bias} [headSize] if the
   * head has one, and for each tail cluster i, counted from 0, {@code tail.i.0.weight} [width, inFeatures], {@code
   * tail.i.1.weight} [size, width] and, if the tails have them, {@code tail.i.1.bias} [size]. Class rows are in order of
   * rank.
   */
  @Override
  public Map<String, Variable<T>> parameters() {
    return parameters;
  }

  @Override
  public SoftmaxLoss call(
      Ops tf, Operand<T> input, Operand<? extends TNumber> target, LossOptions options) {
    Ops scope = tf.withSubScope(settings.name());
    Batches<T> batch = Batches.of(scope, settings.type(), input, inFeatures());
    Class<? extends TFloating> products =
        options.computeType() == null ? settings.type() : options.computeType();
    SoftmaxLoss loss =
        loss(scope, resultType, products, batch.rows(), batch.targets(scope, target), options);
    Operand<? extends TFloating> output = batch.unbatched(scope, loss.output());
    return classLoss.reduction() == Reduction.NONE
        ? new SoftmaxLoss(output, batch.unbatched(scope, loss.loss()))
        : new SoftmaxLoss(output, loss.loss());
  }

  @Override
  public Decoder<T> decoder() {
    return decoder;
  }

  @Override
  public QuantizedSoftmax quantized(Ops tf, TailWeights form) {
    return new QuantizedSoftmax(tf, settings, classLoss, form);
  }

  private <R extends TFloating, C extends TFloating> SoftmaxLoss loss(
      Ops tf,
      Class<R> type,
      Class<C> products,
      Operand<T> x,
      Operand<? extends TNumber> targets,
      LossOptions options) {
    double smoothing = classLoss.labelSmoothing();
    Require.argument(
        options.delta() == null || smoothing == 0,
        "delta and labelSmoothing cannot be combined: labelSmoothing %s",
        smoothing);
    if (settings.compiled()) {
      CompiledLoss.requireCompilable(x.shape(), options, settings.tailDropout());
    }
    Operand<C> rows = Precision.cast(tf, x, products);
    LayerWeights<C> cast = weights.in(tf, products);
    if (settings.compiled()) {
      return compiledLoss(tf, type, cast, rows, targets, options);
    }
    ClusterLoss<C, R> loss =
        new ClusterLoss<>(
            plan, cast, type, smoothing, settings.tailDropout(), settings.seed(), options);
    return classLoss.of(tf, type, rows, targets, options, loss::of);
  }

  private <R extends TFloating, C extends TFloating> SoftmaxLoss compiledLoss(
      Ops tf,
      Class<R> type,
      LayerWeights<C> cast,
      Operand<C> x,
      Operand<? extends TNumber> targets,
      LossOptions options) {
    double smoothing = classLoss.labelSmoothing();
    CompiledLoss<C, R> compiled =
        new CompiledLoss<>(plan, cast.head(), cast.tails(), smoothing > 0, type);
    return classLoss.fixed(
        tf,
        type,
        x,
        targets,
        options,
        (scope, ranks, factors) -> {
          Ops placed = settings.device(scope, 0);
          Operand<R> ofTarget =
              scope.math.mul(factors, Precision.cast(scope, scope.constant(smoothing - 1), type));
          Operand<R> ofMean =
              smoothing == 0
                  ? null
                  : scope.math.mul(
                      factors, Precision.cast(scope, scope.constant(-smoothing), type));
          CompiledLoss.Result<R> result = compiled.of(placed, x, ranks, ofTarget, ofMean);
          Operand<R> losses =
              ClusterLoss.smoothed(scope, result.logProb(), result.mean(), smoothing);
          return new ClassLoss.FixedLoss<>(
              new RowLoss<>(
                  scope.train.preventGradient(result.logProb()), scope.stopGradient(losses)),
              result.gradient());
        });
  }

  private Linear<T> head(Ops tf, Parameters<T> created) {
    int size = plan.headSize();
    return new Linear<>(
        created.uniform(tf, "head.weight", inFeatures(), size, inFeatures()),
        settings.headBias() ? created.uniform(tf, "head.bias", inFeatures(), size) : null);
  }

  private TailCluster<T> tail(Ops tf, Parameters<T> created, int tail) {
    int width = plan.tailWidth(tail);
    int size = plan.tailSize(tail);
    String name = "tail." + tail;
    Variable<T> projection =
        created.uniform(tf, name + ".0.weight", inFeatures(), width, inFeatures());
    Variable<T> weight = created.uniform(tf, name + ".1.weight", width, size, width);
    return new TailCluster<>(
        new Linear<>(projection, null),
        new Linear<>(
            weight,
            settings.tailBias() ? created.uniform(tf, name + ".1.bias", width, size) : null));
  }
}
