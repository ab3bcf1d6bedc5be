package org.adaptivesoftmax;

import java.util.Map;
import java.util.OptionalLong;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.decoding.Decoder;
import org.adaptivesoftmax.internal.graph.Batches;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.io.Require;
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
  private static final String NAME = "full_softmax";

  private final Class<T> type;
  private final int inFeatures;
  private final int nClasses;
  private final ClassLoss classLoss;
  private final Class<? extends TFloating> resultType;
  private final Linear<T> linear;
  private final Map<String, Variable<T>> parameters;
  private final Decoder<T> decoder;

  /**
   * Adds the layer's variable to the graph; {@code Session.initialize} sets it, uniform in ±1/√inFeatures. Class ids are
   * 0..nClasses−1, the loss is the mean over the rows.
   *
   * @param type type of the weights and the input
   * @param inFeatures width of the input, at least 1
   * @param nClasses number of classes, at least 2
   * @param seed of the initial weights
   * @throws IllegalArgumentException if an argument is out of its range
   */
  public FullSoftmax(Ops tf, Class<T> type, int inFeatures, int nClasses, long seed) {
    Require.argument(inFeatures >= 1, "inFeatures must be at least 1: %d", inFeatures);
    Require.argument(nClasses >= 2, "nClasses must be at least 2: %d", nClasses);
    this.type = Precision.requireSupported(type);
    this.inFeatures = inFeatures;
    this.nClasses = nClasses;
    this.classLoss =
        ClassLoss.checked(
            LabelOrder.identity(nClasses), nClasses, OptionalLong.empty(), null, Reduction.MEAN, 0);
    this.resultType = Precision.resultType(type);
    Parameters<T> created = new Parameters<>(type, NAME, seed);
    this.linear =
        new Linear<>(created.uniform(tf, "weight", inFeatures, nClasses, inFeatures), null);
    this.parameters = created.byName();
    this.decoder =
        new Decoder<>(NAME, type, inFeatures, Clusters.headAlone(classLoss.order(), linear));
  }

  @Override
  public int inFeatures() {
    return inFeatures;
  }

  @Override
  public int nClasses() {
    return nClasses;
  }

  /** {@code weight}, [nClasses, inFeatures]. */
  @Override
  public Map<String, Variable<T>> parameters() {
    return parameters;
  }

  @Override
  public SoftmaxLoss call(
      Ops tf, Operand<T> input, Operand<? extends TNumber> target, LossOptions options) {
    Ops scope = tf.withSubScope(NAME);
    Batches<T> batch = Batches.of(scope, type, input, inFeatures);
    Class<? extends TFloating> products =
        options.computeType() == null ? type : options.computeType();
    SoftmaxLoss loss =
        loss(scope, resultType, products, batch.rows(), batch.targets(scope, target), options);
    return new SoftmaxLoss(batch.unbatched(scope, loss.output()), loss.loss());
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
