package org.adaptivesoftmax.loss;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.gradient.BackwardOps;
import org.adaptivesoftmax.gradient.FusedGradient;
import org.adaptivesoftmax.internal.graph.ClassTable;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Ranks;
import org.adaptivesoftmax.internal.graph.Rows;
import org.adaptivesoftmax.internal.graph.Select;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.internal.weights.LayerWeights;
import org.adaptivesoftmax.internal.weights.Linear;
import org.adaptivesoftmax.internal.weights.Placement;
import org.adaptivesoftmax.internal.weights.TailCluster;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/**
 * The rows' log-probabilities and the gradients of their weighted sum, in one function that XLA compiles.
 *
 * <p>Rows are sorted by cluster. The head scores all of them; each tail cluster scores its own in {@link TailBlocks}.
 */
final class CompiledLoss<T extends TFloating, R extends TFloating> {
  private static final FusedGradient FUSED =
      FusedGradient.define("adaptive_softmax_compiled_loss", CompiledLoss::backward);

  /**
   * Rows of a block. Each block adds to the gradient of all of its cluster's weights, which fewer rows would not be worth;
   * more are computed in vain. {@code bench train-step --compiled} measured 32, 64 and 128: 32 was best on every shape.
   */
  private static final int BLOCK = 32;

  /**
   * @param logProb of the target, [rows]; not differentiable
   * @param mean of the log-probabilities at each level, added up, [rows]; null without smoothing; not differentiable
   * @param gradient 0, with the gradient by the input and every weight of Σ ofTarget · logProb + ofMean · mean
   */
  record Result<R extends TFloating>(
      Operand<R> logProb, @Nullable Operand<R> mean, Operand<R> gradient) {}

  private final ClusterPlan plan;
  private final LossSettings settings;
  private final LayerWeights<T> weights;
  private final Linear<T> head;
  private final List<TailCluster<T>> tails;
  private final boolean withMean;
  private final Class<R> type;

  CompiledLoss(ClusterPlan plan, LossSettings settings, LayerWeights<T> weights, Class<R> type) {
    this.plan = plan;
    this.settings = settings;
    this.weights = weights;
    this.head = weights.head();
    this.tails = weights.tails();
    this.withMean = settings.labelSmoothing() > 0;
    this.type = type;
  }

  /**
   * @throws IllegalArgumentException if a setting is unavailable in one compiled function
   */
  static void requireCompilable(ClusterPlan plan, Placement placement, Reduction reduction) {
    Require.argument(
        reduction != Reduction.NONE,
        "compiled needs a loss that is reduced, SUM or MEAN: reduction %s",
        reduction);
    String head = placement.device(0);
    for (int cluster = 1; cluster <= plan.nTails(); cluster++) {
      String tail = placement.device(cluster);
      Require.argument(
          tail.equals(head),
          "compiled needs all clusters on one device: head on %s, tail cluster %d on %s",
          head,
          cluster,
          tail);
    }
  }

  /**
   * @throws IllegalArgumentException if the call cannot be compiled
   */
  static void requireCompilable(Shape input, LossOptions options, double tailDropout) {
    Require.argument(
        !input.isUnknown() && input.get(0) > 0,
        "compiled needs an input whose number of rows is known and not 0: shape %s",
        input);
    Require.argument(options.delta() == null, "compiled and delta cannot be combined");
    Require.argument(
        !options.training() || tailDropout == 0,
        "compiled and tailDropout cannot be combined in training: tailDropout %s",
        tailDropout);
  }

  /**
   * The loss of a batch: every row is scored, and rows without a label have the factor 0.
   *
   * @param x [rows, inFeatures], of static shape
   * @param ofCaller the caller's weight of each row, or null
   */
  SoftmaxLoss of(Ops tf, Operand<T> x, Targets targets, @Nullable Operand<R> ofCaller) {
    Operand<TBool> labelled = targets.mask(tf);
    Operand<TInt64> classes = targets.classes(tf);
    Operand<R> factors = factors(tf, labelled, classes, ofCaller);
    Operand<TInt32> ranks = new ClassTable(settings.order()).ranks(tf, classes);
    double smoothing = settings.labelSmoothing();
    Operand<R> ofTarget = tf.math.mul(factors, constant(tf, smoothing - 1));
    Operand<R> ofMean = withMean ? tf.math.mul(factors, constant(tf, -smoothing)) : null;
    Result<R> result = scored(weights.placement().place(tf, 0), x, ranks, ofTarget, ofMean);
    RowLoss<R> rows = RowLoss.smoothed(tf, result.logProb(), result.mean(), smoothing);
    Operand<R> losses =
        Select.orZero(tf, labelled, tf.math.mul(tf.stopGradient(rows.loss()), factors));
    return new SoftmaxLoss(
        Select.orZero(tf, labelled, tf.train.preventGradient(rows.logProb())),
        tf.math.add(tf.reduceSum(losses, tf.constant(0)), result.gradient()));
  }

  /** What each row's loss is multiplied by, so that their sum is the batch's loss. */
  private Operand<R> factors(
      Ops tf,
      @Nullable Operand<TBool> labelled,
      Operand<TInt64> classes,
      @Nullable Operand<R> ofCaller) {
    Operand<R> weights = RowWeights.of(tf, type, settings, ofCaller, classes);
    Operand<R> weighed = weights != null ? weights : tf.fill(tf.shape(classes), constant(tf, 1));
    Operand<R> factors = Select.orZero(tf, labelled, weighed);
    return settings.reduction() == Reduction.MEAN
        ? tf.math.div(factors, Select.divisor(tf, tf.reduceSum(factors, tf.constant(0))))
        : factors;
  }

  private Operand<R> constant(Ops tf, double value) {
    return Precision.cast(tf, tf.constant(value), type);
  }

  /**
   * @param x [rows, inFeatures], of static shape
   * @param ranks of the targets, [rows]
   * @param ofTarget factor of each row's log-probability, [rows]
   * @param ofMean factor of each row's mean, [rows]; null without smoothing
   */
  @SuppressWarnings("unchecked")
  private Result<R> scored(
      Ops tf,
      Operand<T> x,
      Operand<TInt32> ranks,
      Operand<R> ofTarget,
      @Nullable Operand<R> ofMean) {
    long rows = x.shape().get(0);
    List<Operand<?>> differentiated = new ArrayList<>(List.of(x));
    differentiated.addAll(weights());
    List<Operand<?>> inputs = new ArrayList<>(differentiated);
    inputs.add(shaped(tf, ranks, rows));
    inputs.add(shaped(tf, ofTarget, rows));
    if (ofMean != null) {
      inputs.add(shaped(tf, ofMean, rows));
    }
    List<Output<?>> results = CompiledFunction.call(tf, "compiled_loss", inputs, this::body);
    int values = withMean ? 2 : 1;
    Operand<R> zero = Precision.cast(tf, tf.constant(0.0), type);
    List<Output<?>> gradient =
        FUSED.apply(tf, List.of(zero), differentiated, results.subList(values, results.size()));
    return new Result<>(
        (Output<R>) results.get(0),
        withMean ? (Output<R>) results.get(1) : null,
        (Output<R>) gradient.get(0));
  }

  private List<Operand<?>> body(Ops tf, List<Operand<?>> inputs) {
    Iterator<Operand<?>> read = inputs.iterator();
    Operand<T> x = typed(read.next());
    Linear<T> head = linear(read, this.head);
    List<TailCluster<T>> tails = new ArrayList<>();
    for (TailCluster<T> tail : this.tails) {
      tails.add(new TailCluster<>(linear(read, tail.projection()), linear(read, tail.classes())));
    }
    Operand<TInt32> ranks = typed(read.next());
    Operand<R> ofTarget = typed(read.next());
    Operand<R> ofMean = withMean ? typed(read.next()) : null;
    return new Body(tf, head, tails).results(x, ranks, ofTarget, ofMean);
  }

  /** The function's body. */
  private final class Body {
    private final Ops tf;
    private final Linear<T> head;
    private final List<TailCluster<T>> tails;

    Body(Ops tf, Linear<T> head, List<TailCluster<T>> tails) {
      this.tf = tf;
      this.head = head;
      this.tails = tails;
    }

    List<Operand<?>> results(
        Operand<T> x, Operand<TInt32> ranks, Operand<R> ofTarget, @Nullable Operand<R> ofMean) {
      int rows = (int) x.shape().get(0);
      int block = Math.min(BLOCK, rows);
      Operand<TInt32> cluster = clusters(ranks, rows);
      Operand<TInt32> keys =
          tf.math.add(
              tf.math.mul(cluster, tf.constant(rows)),
              tf.range(tf.constant(0), tf.constant(rows), tf.constant(1)));
      Operand<TInt32> order = argSort(keys, rows);
      TailBlocks.SortedRows<T, R> sorted =
          new TailBlocks.SortedRows<>(
              padded(x, order, block),
              padded(ranks, order, block),
              padded(ofTarget, order, block),
              ofMean == null ? null : padded(ofMean, order, block));

      SoftmaxBlock<R> inHead =
          SoftmaxBlock.of(tf, x, head, Ranks.inHead(tf, plan, ranks), ofTarget, ofMean);
      TailBlocks.Sums<R> sums =
          new TailBlocks.Sums<>(
              TailBlocks.zeros(tf, type, rows + block),
              withMean ? TailBlocks.zeros(tf, type, rows + block) : null,
              TailBlocks.zeros(tf, type, rows + block, plan.inFeatures()));
      List<Operand<?>> byWeights = new ArrayList<>();
      for (int tail = 0; tail < tails.size(); tail++) {
        TailBlocks.Result<R> result =
            new TailBlocks<>(plan.tailStart(tail), block, tails.get(tail), sorted, sums)
                .run(tf, before(cluster, tail + 1), before(cluster, tail + 2));
        sums = result.sums();
        byWeights.addAll(result.byWeights());
      }

      Operand<TInt32> places = argSort(order, rows);
      List<Operand<?>> results = new ArrayList<>();
      results.add(tf.math.add(inHead.target(), Rows.take(tf, sums.target(), places)));
      if (inHead.mean() != null && sums.mean() != null) {
        results.add(tf.math.add(inHead.mean(), Rows.take(tf, sums.mean(), places)));
      }
      results.add(narrow(tf.math.add(inHead.byInput(), Rows.take(tf, sums.byInput(), places))));
      results.add(narrow(inHead.byWeight()));
      if (inHead.byBias() != null) {
        results.add(narrow(inHead.byBias()));
      }
      byWeights.forEach(gradient -> results.add(narrow(CompiledLoss.<R>typed(gradient))));
      return results;
    }

    private Operand<T> narrow(Operand<R> gradient) {
      return Precision.cast(tf, gradient, head.weight().type());
    }

    /** The cluster of each target: 0 for the head, i for the i-th tail cluster. */
    private Operand<TInt32> clusters(Operand<TInt32> ranks, int rows) {
      Operand<TInt32> cluster = tf.fill(tf.constant(new int[] {rows}), tf.constant(0));
      for (int tail = 0; tail < tails.size(); tail++) {
        Operand<TBool> beyond = tf.math.greaterEqual(ranks, tf.constant(plan.tailStart(tail)));
        cluster = tf.math.add(cluster, tf.dtypes.cast(beyond, TInt32.class));
      }
      return cluster;
    }

    /** Number of rows in the clusters before one. */
    private Operand<TInt32> before(Operand<TInt32> cluster, int which) {
      Operand<TBool> earlier = tf.math.less(cluster, tf.constant(which));
      return tf.reduceSum(tf.dtypes.cast(earlier, TInt32.class), tf.constant(0));
    }

    /** Where each of the distinct keys is, in increasing order. */
    private Operand<TInt32> argSort(Operand<TInt32> keys, int rows) {
      return tf.nn.topK(tf.math.neg(keys), tf.constant(rows), TInt32.class).indices();
    }

    private <V extends org.tensorflow.types.family.TNumber> Operand<V> padded(
        Operand<V> values, Operand<TInt32> order, int block) {
      int[][] padding = new int[values.shape().numDimensions()][2];
      padding[0][1] = block;
      return tf.pad(
          Rows.take(tf, values, order),
          tf.constant(padding),
          tf.dtypes.cast(tf.constant(0), values.type()));
    }
  }

  private List<Operand<T>> weights() {
    List<Operand<T>> weights = new ArrayList<>();
    addWeights(weights, head);
    for (TailCluster<T> tail : tails) {
      addWeights(weights, tail.projection());
      addWeights(weights, tail.classes());
    }
    return weights;
  }

  private static <T extends TFloating> void addWeights(List<Operand<T>> weights, Linear<T> linear) {
    weights.add(linear.weight());
    if (linear.bias() != null) {
      weights.add(linear.bias());
    }
  }

  private static <T extends TFloating> Linear<T> linear(Iterator<Operand<?>> read, Linear<T> like) {
    return new Linear<>(typed(read.next()), like.bias() == null ? null : typed(read.next()));
  }

  private static <V extends TType> Operand<V> shaped(Ops tf, Operand<V> values, long rows) {
    return tf.reshape(values, tf.constant(new long[] {rows}));
  }

  private static List<Operand<?>> backward(
      BackwardOps ops, List<Output<?>> inputs, List<Output<?>> saved, List<Output<?>> upstream) {
    Ops tf = ops.tf();
    Operand<TFloating> factor = typed(upstream.get(0));
    List<Operand<?>> gradients = new ArrayList<>();
    for (Output<?> gradient : saved) {
      Operand<TFloating> typed = typed(gradient);
      gradients.add(tf.math.mul(Precision.cast(tf, factor, typed.type()), typed));
    }
    return gradients;
  }

  @SuppressWarnings("unchecked")
  private static <V extends TType> Operand<V> typed(Operand<?> operand) {
    return (Operand<V>) operand;
  }
}
