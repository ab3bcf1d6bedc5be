package org.adaptivesoftmax;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.decoding.Decoder;
import org.adaptivesoftmax.internal.weights.LayerWeights;
import org.adaptivesoftmax.internal.weights.Parameters;
import org.adaptivesoftmax.internal.weights.Placement;
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
 * A full softmax over all classes, log p = log softmax(W h), with the same fused loss and gradient as {@link
 * AdaptiveSoftmax}: what the adaptive softmax is measured against, and the better choice below some ten thousand classes.
 *
 * @param <T> type of the weights and the input: float32, float64, bfloat16 or float16
 */
public final class FullSoftmax<T extends TFloating> implements OutputLayer<T> {
  private final String name;
  private final ClusterPlan plan;
  private final OutputLoss<T> loss;
  private final Map<String, Variable<T>> parameters;
  private final Decoder<T> decoder;

  FullSoftmax(Ops tf, FullSoftmaxBuilder<T> settings, ClusterPlan plan, boolean bias) {
    this.name = settings.name;
    this.plan = plan;
    LossSettings lossSettings = settings.lossSettings();
    Parameters<T> created = new Parameters<>(settings.type, name, settings.seed);
    int width = plan.inFeatures();
    int classes = plan.nClasses();
    Map<String, Operand<T>> head = new HashMap<>();
    head.put("head.weight", created.uniform(tf, "weight", width, classes, width));
    if (bias) {
      head.put("head.bias", created.uniform(tf, "bias", width, classes));
    }
    this.parameters = created.byName();
    Placement anywhere = Placement.anywhere();
    this.loss = OutputLoss.of(settings.type, plan, lossSettings, head, anywhere.deviceOf());
    this.decoder =
        Decoder.of(
            name,
            settings.type,
            plan,
            lossSettings.order(),
            new LayerLogits<>(LayerWeights.of(plan, head, anywhere).head(), List.of(), anywhere));
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
    return loss.settings().order();
  }

  /** {@code weight}, [nClasses, inFeatures], and {@code bias}, [nClasses], if the layer has one; rows in order of rank. */
  @Override
  public Map<String, Variable<T>> parameters() {
    return parameters;
  }

  @Override
  public SoftmaxLoss call(
      Ops tf, Operand<T> input, Operand<? extends TNumber> target, LossOptions options) {
    return loss.of(tf.withSubScope(name), input, target, options);
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
}
