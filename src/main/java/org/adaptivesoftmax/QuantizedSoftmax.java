package org.adaptivesoftmax;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.adaptivesoftmax.AdaptiveSoftmaxBuilder.Settings;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.decoding.Decoder;
import org.adaptivesoftmax.internal.graph.BatchInput;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Select;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.internal.weights.Linear;
import org.adaptivesoftmax.internal.weights.Placement;
import org.adaptivesoftmax.internal.weights.QuantizedTail;
import org.adaptivesoftmax.internal.weights.StoredRows;
import org.adaptivesoftmax.loss.LossOptions;
import org.adaptivesoftmax.loss.LossSettings;
import org.adaptivesoftmax.loss.Reduction;
import org.adaptivesoftmax.loss.SoftmaxLoss;
import org.adaptivesoftmax.loss.Targets;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * An {@link AdaptiveSoftmax} for inference whose tail clusters take less space, as {@link TailWeights} describe. It computes
 * in float32, and its answers are exactly those of an adaptive softmax with the weights that are stored: a tail cluster's rows
 * become float32 in a run that scores the cluster, and in no other.
 *
 * <p>{@link AdaptiveSoftmax#quantized} makes one. It has no initial weights, and is not trained.
 *
 * <pre>{@code
 * QuantizedSoftmax small = layer.quantized(tf, TailWeights.INT8);
 * small.assign(tf, layer.parameters()).values().forEach(session::run);
 * }</pre>
 */
public final class QuantizedSoftmax implements OutputLayer<TFloat32> {
  private final Settings<?> settings;
  private final TailWeights form;
  private final LossSettings lossSettings;
  private final Map<String, Variable<TFloat32>> parameters = new LinkedHashMap<>();
  private final Map<String, Storage> storages = new LinkedHashMap<>();
  private final Linear<TFloat32> head;
  private final List<QuantizedTail<TFloat32>> tails = new ArrayList<>();
  private final Decoder<TFloat32> decoder;

  /** Sets the variables that hold a weight. */
  @FunctionalInterface
  private interface Storage {
    Op assign(Ops tf, Operand<TFloat32> weight);
  }

  QuantizedSoftmax(Ops tf, Settings<?> settings, LossSettings lossSettings, TailWeights form) {
    this.settings = settings;
    this.form = form;
    this.lossSettings = lossSettings;
    this.head = head(settings.placement().place(tf, 0));
    for (int tail = 0; tail < plan().nTails(); tail++) {
      tails.add(tail(settings.placement().place(tf, tail + 1), tail));
    }
    this.decoder = decoder(TFloat32.class, head, tails);
  }

  private <C extends TFloating> Decoder<C> decoder(
      Class<C> type, Linear<C> headWeights, List<QuantizedTail<C>> tailWeights) {
    return Decoder.of(
        settings.name(),
        type,
        plan(),
        labelOrder(),
        new LayerLogits<>(headWeights, tailWeights, settings.placement()));
  }

  @Override
  public ClusterPlan plan() {
    return settings.plan();
  }

  @Override
  public LabelOrder labelOrder() {
    return lossSettings.order();
  }

  /** How the class rows of the tail clusters are stored. */
  public TailWeights tailWeights() {
    return form;
  }

  /**
   * The variables that are float32 in every form: those of {@link AdaptiveSoftmax#parameters()} but the tail clusters' class
   * rows.
   */
  @Override
  public Map<String, Variable<TFloat32>> parameters() {
    return Collections.unmodifiableMap(parameters);
  }

  /**
   * Sets the variables, rounding the tail clusters' class rows to the form they are stored in. The runs of the ops for class
   * rows fail if a weight is not finite.
   *
   * @param tf builds the ops
   * @param weights of this graph, under the names of {@link AdaptiveSoftmax#parameters()}
   * @return one op for each weight, under its name; to run them one after the other takes the least memory
   * @throws IllegalArgumentException if a name is missing or unknown
   */
  public Map<String, Op> assign(
      Ops tf, Map<String, ? extends Operand<? extends TFloating>> weights) {
    Require.argument(
        weights.keySet().equals(storages.keySet()),
        "weights must be %s: %s",
        storages.keySet(),
        weights.keySet());
    Map<String, Op> assignments = new LinkedHashMap<>();
    weights.forEach(
        (name, weight) ->
            assignments.put(
                name, storage(name).assign(tf, Precision.cast(tf, weight, TFloat32.class))));
    return assignments;
  }

  /**
   * The log-probability of each row's target, and the loss, without label smoothing and without a gradient.
   *
   * @throws IllegalArgumentException if a type or a static shape does not fit, or the options are those of training
   */
  @Override
  public SoftmaxLoss call(
      Ops tf, Operand<TFloat32> input, Operand<? extends TNumber> target, LossOptions options) {
    Require.argument(
        !options.training() && options.delta() == null,
        "a quantized softmax cannot be trained: %s",
        options);
    Ops scope = tf.withSubScope(settings.name());
    BatchInput<TFloat32> batch = BatchInput.of(scope, TFloat32.class, input, inFeatures());
    Targets targets =
        Targets.checked(scope, lossSettings, batch.rows(), batch.targets(scope, target));
    Class<? extends TFloating> products =
        options.computeType() == null ? TFloat32.class : options.computeType();
    Operand<TFloat32> logProb = logProb(tf, products, batch.rows(), targets.classes(scope));
    SoftmaxLoss loss = targets.loss(scope, logProb, options);
    Operand<? extends TFloating> output = batch.unbatched(scope, loss.output());
    return lossSettings.reduction() == Reduction.NONE
        ? new SoftmaxLoss(output, batch.unbatched(scope, loss.loss()))
        : new SoftmaxLoss(output, loss.loss());
  }

  /** The log-probability of each row's class, with matrices multiplied in the given type. */
  private <C extends TFloating> Operand<TFloat32> logProb(
      Ops tf, Class<C> products, Operand<TFloat32> x, Operand<TInt64> classes) {
    Placement placement = settings.placement();
    List<QuantizedTail<C>> cast = new ArrayList<>();
    for (int tail = 0; tail < tails.size(); tail++) {
      cast.add(tails.get(tail).in(placement.place(tf, tail + 1), products));
    }
    Operand<? extends TFloating> logProbs =
        decoder(products, head.in(placement.place(tf, 0), products), cast)
            .logProb(tf, Precision.cast(tf, x, products), Select.asColumn(tf, classes));
    // One per row; a squeeze would leave the rank unknown where the targets' number is.
    return tf.reshape(Precision.cast(tf, logProbs, TFloat32.class), tf.constant(new int[] {-1}));
  }

  @Override
  public QuantizedSoftmax quantized(Ops tf, TailWeights stored) {
    throw new IllegalArgumentException("the layer is quantized already: " + form);
  }

  @Override
  public Decoder<TFloat32> decoder() {
    return decoder;
  }

  private Linear<TFloat32> head(Ops tf) {
    int size = plan().headSize();
    return new Linear<>(
        variable(tf, "head.weight", size, inFeatures()),
        settings.headBias() ? variable(tf, "head.bias", size) : null);
  }

  private QuantizedTail<TFloat32> tail(Ops tf, int tail) {
    int width = plan().tailWidth(tail);
    int size = plan().tailSize(tail);
    String name = "tail." + tail;
    Variable<TFloat32> projection = variable(tf, name + ".0.weight", width, inFeatures());
    String classes = name + ".1";
    StoredRows<?> rows = form.rows(tf, settings.name() + "." + classes, size, width);
    storages.put(
        classes + ".weight", (scope, weight) -> rows.assign(scope, weight, classes + ".weight"));
    return new QuantizedTail<>(
        new Linear<>(projection, null),
        rows,
        settings.tailBias() ? variable(tf, classes + ".bias", size) : null);
  }

  private Variable<TFloat32> variable(Ops tf, String name, long... shape) {
    Variable<TFloat32> variable =
        tf.withName(settings.name() + "." + name).variable(Shape.of(shape), TFloat32.class);
    parameters.put(name, variable);
    storages.put(name, (scope, weight) -> scope.assign(variable, weight));
    return variable;
  }

  private Storage storage(String name) {
    return Objects.requireNonNull(storages.get(name), name);
  }
}
