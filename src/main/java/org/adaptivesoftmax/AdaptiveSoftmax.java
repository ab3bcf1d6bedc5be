package org.adaptivesoftmax;

import java.util.Map;
import org.adaptivesoftmax.AdaptiveSoftmaxBuilder.Settings;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.decoding.Decoder;
import org.adaptivesoftmax.internal.weights.LayerWeights;
import org.adaptivesoftmax.internal.weights.Parameters;
import org.adaptivesoftmax.loss.LossOptions;
import org.adaptivesoftmax.loss.LossSettings;
import org.adaptivesoftmax.loss.OutputLoss;
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
 * <p>Half types (bfloat16, float16) as the type of the weights are for inference. An optimizer's small steps vanish in them,
 * and the framework's {@code Adam} turns float16 weights into NaN in its second step, since its ε of 1e-8 is 0 in float16.
 * Train with float32 weights and multiply in half precision: {@code call(tf, input, target,
 * LossOptions.defaults().computeType(TBfloat16.class))}.
 *
 * @param <T> type of the weights and the input: float32, float64, bfloat16 or float16. With a half type, log-sum-exp,
 *     log-probabilities and loss are float32.
 */
public final class AdaptiveSoftmax<T extends TFloating> implements OutputLayer<T> {
  private final Settings<T> settings;
  private final OutputLoss<T> loss;
  private final Map<String, Variable<T>> parameters;
  private final Decoder<T> decoder;

  private AdaptiveSoftmax(
      Settings<T> settings,
      OutputLoss<T> loss,
      Map<String, Variable<T>> parameters,
      Decoder<T> decoder) {
    this.settings = settings;
    this.loss = loss;
    this.parameters = parameters;
    this.decoder = decoder;
  }

  static <T extends TFloating> AdaptiveSoftmax<T> create(
      Ops tf, Settings<T> settings, LossSettings lossSettings, boolean compiled) {
    ClusterPlan plan = settings.plan();
    Map<String, Variable<T>> parameters = variables(tf, settings);
    OutputLoss<T> loss =
        OutputLoss.of(
            settings.type(), plan, lossSettings, parameters, settings.placement().deviceOf());
    LayerWeights<T> weights = LayerWeights.of(plan, parameters, settings.placement());
    Decoder<T> decoder =
        Decoder.of(
            settings.name(),
            settings.type(),
            plan,
            lossSettings.order(),
            new LayerLogits<>(weights.head(), weights.tails(), weights.placement()));
    return new AdaptiveSoftmax<>(settings, compiled ? loss.compiled() : loss, parameters, decoder);
  }

  /**
   * Starts the configuration of a layer.
   *
   * @param type type of the weights and the input; half types are not for training, as the class's documentation says
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
    return loss.isCompiled() ? this : withLoss(loss.compiled());
  }

  /** {@inheritDoc} A layer that XLA compiles for training is evaluated with this one. */
  @Override
  public AdaptiveSoftmax<T> dynamic() {
    return loss.isCompiled() ? withLoss(loss.dynamic()) : this;
  }

  private AdaptiveSoftmax<T> withLoss(OutputLoss<T> form) {
    return new AdaptiveSoftmax<>(settings, form, parameters, decoder);
  }

  @Override
  public ClusterPlan plan() {
    return settings.plan();
  }

  @Override
  public LabelOrder labelOrder() {
    return loss.settings().order();
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
    return loss.of(tf.withSubScope(settings.name()), input, target, options);
  }

  @Override
  public Decoder<T> decoder() {
    return decoder;
  }

  @Override
  public QuantizedSoftmax quantized(Ops tf, TailWeights form) {
    return new QuantizedSoftmax(tf, settings, loss.settings(), form);
  }

  private static <T extends TFloating> Map<String, Variable<T>> variables(
      Ops tf, Settings<T> settings) {
    ClusterPlan plan = settings.plan();
    int inFeatures = plan.inFeatures();
    Parameters<T> created = new Parameters<>(settings.type(), settings.name(), settings.seed());
    Ops head = settings.placement().place(tf, 0);
    created.uniform(head, "head.weight", inFeatures, plan.headSize(), inFeatures);
    if (settings.headBias()) {
      created.uniform(head, "head.bias", inFeatures, plan.headSize());
    }
    for (int i = 0; i < plan.nTails(); i++) {
      Ops tail = settings.placement().place(tf, i + 1);
      String name = "tail." + i;
      int width = plan.tailWidth(i);
      created.uniform(tail, name + ".0.weight", inFeatures, width, inFeatures);
      created.uniform(tail, name + ".1.weight", width, plan.tailSize(i), width);
      if (settings.tailBias()) {
        created.uniform(tail, name + ".1.bias", width, plan.tailSize(i));
      }
    }
    return created.byName();
  }
}
