package org.adaptivesoftmax;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.AdaptiveSoftmaxBuilder.Settings;
import org.adaptivesoftmax.ClassLoss.RowLoss;
import org.adaptivesoftmax.MarginLoss.Level;
import org.adaptivesoftmax.MarginLoss.OwnTail;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
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
  private final Linear<T> head;
  private final List<TailCluster<T>> tails;
  private final Decoder<T> decoder;

  AdaptiveSoftmax(Ops tf, Settings<T> settings, ClassLoss loss) {
    this.settings = settings;
    this.plan = settings.plan();
    this.classLoss = loss;
    this.resultType = Precision.resultType(settings.type());
    Parameters<T> created = new Parameters<>(settings.type(), settings.name(), settings.seed());
    this.head = head(device(tf, 0), created);
    this.tails = new ArrayList<>();
    for (int tail = 0; tail < plan.nTails(); tail++) {
      tails.add(tail(device(tf, tail + 1), created, tail));
    }
    this.parameters = created.byName();
    this.decoder =
        new Decoder<>(
            settings.name(),
            settings.type(),
            plan.inFeatures(),
            Clusters.of(plan, loss.order(), head, tails, this::device));
  }

  private AdaptiveSoftmax(AdaptiveSoftmax<T> of, Settings<T> settings) {
    this.settings = settings;
    this.plan = of.plan;
    this.classLoss = of.classLoss;
    this.resultType = of.resultType;
    this.parameters = of.parameters;
    this.head = of.head;
    this.tails = of.tails;
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
   * This layer with its loss in one form or the other, as {@link AdaptiveSoftmaxBuilder#compiled} has it; the variables are
   * the same. A layer that XLA compiles for training is evaluated with {@code compiled(false)}, which computes no gradients
   * and takes batches of any size.
   *
   * @throws IllegalArgumentException if it cannot be compiled: see {@link AdaptiveSoftmaxBuilder#compiled}
   */
  public AdaptiveSoftmax<T> compiled(boolean form) {
    return form == settings.compiled()
        ? this
        : new AdaptiveSoftmax<>(this, settings.compiled(form, classLoss.reduction()));
  }

  /** How the classes are divided. */
  public ClusterPlan plan() {
    return plan;
  }

  /** The class ids by rank. */
  public LabelOrder labelOrder() {
    return classLoss.order();
  }

  @Override
  public int inFeatures() {
    return plan.inFeatures();
  }

  @Override
  public int nClasses() {
    return plan.nClasses();
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
    SoftmaxLoss loss = loss(scope, resultType, batch.rows(), batch.targets(scope, target), options);
    Operand<? extends TFloating> output = batch.unbatched(scope, loss.output());
    return classLoss.reduction() == Reduction.NONE
        ? new SoftmaxLoss(output, batch.unbatched(scope, loss.loss()))
        : new SoftmaxLoss(output, loss.loss());
  }

  @Override
  public Decoder<T> decoder() {
    return decoder;
  }

  /**
   * This layer for inference, in another graph, with its tail clusters stored in less space. Its variables have no values
   * until {@link QuantizedSoftmax#assign} gives them this layer's.
   *
   * @param tf builds the ops
   * @param form how the class rows of the tail clusters are stored
   */
  public QuantizedSoftmax quantized(Ops tf, TailWeights form) {
    return new QuantizedSoftmax(tf, settings, classLoss, form);
  }

  private <R extends TFloating> SoftmaxLoss loss(
      Ops tf,
      Class<R> type,
      Operand<T> x,
      Operand<? extends TNumber> targets,
      LossOptions options) {
    Require.argument(
        options.delta() == null || classLoss.labelSmoothing() == 0,
        "delta and labelSmoothing cannot be combined: labelSmoothing %s",
        classLoss.labelSmoothing());
    if (settings.compiled()) {
      return compiledLoss(tf, type, x, targets, options);
    }
    return classLoss.of(
        tf,
        type,
        x,
        targets,
        options,
        (scope, rows, ranks) -> score(scope, type, rows, ranks, options));
  }

  private <R extends TFloating> SoftmaxLoss compiledLoss(
      Ops tf,
      Class<R> type,
      Operand<T> x,
      Operand<? extends TNumber> targets,
      LossOptions options) {
    CompiledLoss.requireCompilable(x.shape(), options, settings.tailDropout());
    double smoothing = classLoss.labelSmoothing();
    CompiledLoss<T, R> compiled = new CompiledLoss<>(plan, head, tails, smoothing > 0, type);
    return classLoss.fixed(
        tf,
        type,
        x,
        targets,
        options,
        (scope, ranks, weights) -> {
          Ops placed = device(scope, 0);
          Operand<R> ofTarget =
              scope.math.mul(weights, Precision.cast(scope, scope.constant(smoothing - 1), type));
          Operand<R> ofMean =
              smoothing == 0
                  ? null
                  : scope.math.mul(
                      weights, Precision.cast(scope, scope.constant(-smoothing), type));
          CompiledLoss.Result<R> result = compiled.of(placed, x, ranks, ofTarget, ofMean);
          return new ClassLoss.FixedLoss<>(
              new RowLoss<>(
                  scope.train.preventGradient(result.logProb()),
                  scope.stopGradient(rowLoss(scope, type, result.logProb(), result.mean()))),
              result.gradient());
        });
  }

  private <R extends TFloating> RowLoss<R> score(
      Ops tf, Class<R> type, Operand<T> x, Operand<TInt32> ranks, LossOptions options) {
    boolean withMean = classLoss.labelSmoothing() > 0;
    Operand<TInt32> headTargets = headTargets(tf, ranks);
    RowLogProb<R> inHead = RowLogProb.of(device(tf, 0), type, x, head, headTargets, withMean);
    Operand<R> logProb = inHead.target();
    Operand<R> mean = inHead.mean();
    Operand<TInt64> size = tf.size(ranks, TInt64.class);
    List<OwnTail<T, R>> scored = new ArrayList<>();
    for (int tail = 0; tail < plan.nTails(); tail++) {
      Operand<TInt64> rows = Rows.ranked(tf, ranks, plan.tailStart(tail), plan.tailEnd(tail));
      Operand<TInt32> targets =
          tf.math.sub(Rows.take(tf, ranks, rows), tf.constant(plan.tailStart(tail)));
      Ops placed = device(tf, tail + 1);
      Operand<T> projected = projected(placed, tail, Rows.take(tf, x, rows), options.training());
      Linear<T> classes = tails.get(tail).classes();
      RowLogProb<R> inTail = RowLogProb.of(placed, type, projected, classes, targets, withMean);
      logProb = tf.math.add(logProb, Rows.spread(tf, inTail.target(), rows, size));
      if (mean != null && inTail.mean() != null) {
        mean = tf.math.add(mean, Rows.spread(tf, inTail.mean(), rows, size));
      }
      scored.add(new OwnTail<>(rows, targets, new Level<>(placed, projected, classes, inTail.p())));
    }
    if (options.delta() == null) {
      return new RowLoss<>(logProb, rowLoss(tf, type, logProb, mean));
    }
    MarginLoss<T, R> margin =
        new MarginLoss<>(
            tf,
            MarginLoss.checkedDelta(tf, type, options.delta()),
            new Level<>(device(tf, 0), x, head, inHead.p()),
            headTargets,
            scored,
            (tail, rows) -> level(tf, type, tail, Rows.take(tf, x, rows), options.training()),
            plan.shortlistSize());
    return new RowLoss<>(logProb, margin.loss(logProb));
  }

  /** −(1 − ε) log p(target) − ε (mean log-probability at each level). */
  private <R extends TFloating> Operand<R> rowLoss(
      Ops tf, Class<R> type, Operand<R> logProb, @Nullable Operand<R> mean) {
    if (mean == null) {
      return tf.math.neg(logProb);
    }
    double smoothing = classLoss.labelSmoothing();
    Operand<R> kept = Precision.cast(tf, tf.constant(smoothing - 1), type);
    Operand<R> spread = Precision.cast(tf, tf.constant(smoothing), type);
    return tf.math.sub(tf.math.mul(kept, logProb), tf.math.mul(spread, mean));
  }

  /** A tail cluster's softmax of rows, whatever their targets. */
  private <R extends TFloating> Level<T, R> level(
      Ops tf, Class<R> type, int tail, Operand<T> x, boolean training) {
    Ops placed = device(tf, tail + 1);
    Operand<T> projected = projected(placed, tail, x, training);
    Linear<T> classes = tails.get(tail).classes();
    Operand<R> logits = Precision.cast(placed, classes.apply(placed, projected), type);
    return new Level<>(placed, projected, classes, placed.nn.softmax(logits));
  }

  private Operand<T> projected(Ops tf, int tail, Operand<T> x, boolean training) {
    Operand<T> projected = tails.get(tail).projection().project(tf, x);
    return training && settings.tailDropout() > 0
        ? Dropout.apply(tf, projected, settings.tailDropout(), settings.seed() + tail)
        : projected;
  }

  /** A target's place in the head: itself in the shortlist, else its tail cluster's entry. */
  private Operand<TInt32> headTargets(Ops tf, Operand<TInt32> ranks) {
    Operand<TInt32> place = tf.math.minimum(ranks, tf.constant(plan.shortlistSize()));
    for (int tail = 1; tail < plan.nTails(); tail++) {
      Operand<TBool> beyond = tf.math.greaterEqual(ranks, tf.constant(plan.tailStart(tail)));
      place = tf.math.add(place, tf.dtypes.cast(beyond, TInt32.class));
    }
    return place;
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

  /** Where a cluster's variables and products live; 0 is the head, i the i-th tail cluster. */
  private Ops device(Ops tf, int cluster) {
    return settings.device(tf, cluster);
  }
}
