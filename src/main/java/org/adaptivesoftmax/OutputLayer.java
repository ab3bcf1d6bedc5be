package org.adaptivesoftmax;

import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.decoding.Decoder;
import org.adaptivesoftmax.decoding.SampleOptions;
import org.adaptivesoftmax.decoding.SampledClasses;
import org.adaptivesoftmax.decoding.TopClasses;
import org.adaptivesoftmax.loss.LossOptions;
import org.adaptivesoftmax.loss.SoftmaxLoss;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * A layer from hidden states to log-probabilities of classes. It owns variables of one graph; each call adds ops to that
 * graph and keeps nothing. Log-probabilities are natural logarithms. A layer is immutable: threads may share it as far as
 * they may share the graph.
 *
 * <p>An input is [N, inFeatures], or [inFeatures] without a batch; results then lose their first dimension too. Results
 * have the layer's type, or float32 if that is bfloat16 or float16.
 *
 * @param <T> type of the weights and the input
 */
public sealed interface OutputLayer<T extends TFloating>
    permits AdaptiveSoftmax, FullSoftmax, QuantizedSoftmax {
  /** How the classes are divided; a full softmax has all of them in the head. */
  ClusterPlan plan();

  /** The class ids by rank. */
  LabelOrder labelOrder();

  /** Width of the input. */
  default int inFeatures() {
    return plan().inFeatures();
  }

  /** Number of classes. */
  default int nClasses() {
    return plan().nClasses();
  }

  /** The variables under PyTorch's names, in PyTorch's order; each weight is [out, in]. */
  Map<String, Variable<T>> parameters();

  /**
   * The log-probability of each row's target, and the loss.
   *
   * @param tf builds the ops
   * @param input [N, inFeatures], or [inFeatures]
   * @param target class ids, int32 or int64, [N], or a scalar. One that is no class (nor {@code ignoreIndex}) fails the
   *     run with a message that holds the value and the range.
   * @param options what is particular to this call
   * @throws IllegalArgumentException if a type or a static shape does not fit
   */
  SoftmaxLoss call(
      Ops tf, Operand<T> input, Operand<? extends TNumber> target, LossOptions options);

  /** {@link #call(Ops, Operand, Operand, LossOptions)} with {@link LossOptions#defaults()}. */
  default SoftmaxLoss call(Ops tf, Operand<T> input, Operand<? extends TNumber> target) {
    return call(tf, input, target, LossOptions.defaults());
  }

  /**
   * This layer with its loss in the dynamic form, for batches of any size and without XLA: itself, unless it was built
   * {@linkplain AdaptiveSoftmaxBuilder#compiled compiled}. The variables are the same.
   */
  default OutputLayer<T> dynamic() {
    return this;
  }

  /**
   * This layer for inference, in another graph, with its tail clusters stored in less space. Its variables have no values
   * until {@link QuantizedSoftmax#assign} gives them this layer's.
   *
   * @param tf builds the ops
   * @param form how the class rows of the tail clusters are stored
   * @throws IllegalArgumentException if the layer has no tail clusters, or is quantized already
   */
  QuantizedSoftmax quantized(Ops tf, TailWeights form);

  /** What the layer predicts: its distribution, its best classes, classes drawn by chance. */
  Decoder<T> decoder();

  /**
   * The log-probability of every class, [N, nClasses], columns by increasing class id; as PyTorch's {@code log_prob}.
   *
   * @throws IllegalArgumentException if a type or a static shape does not fit
   */
  default Operand<? extends TFloating> logProb(Ops tf, Operand<T> input) {
    return decoder().logProb(tf, input);
  }

  /**
   * The most probable class of each row, [N]; as PyTorch's {@code predict}.
   *
   * @throws IllegalArgumentException if a type or a static shape does not fit
   */
  default Operand<TInt64> predict(Ops tf, Operand<T> input) {
    return tf.squeeze(decoder().topK(tf, input, 1).classes(), Squeeze.axis(List.of(-1L)));
  }

  /**
   * The k most probable classes of each row and their log-probabilities: exactly those of {@link #logProb}.
   *
   * @param k in 1..nClasses
   * @throws IllegalArgumentException if k is out of its range, or a type or a static shape does not fit
   */
  default TopClasses topK(Ops tf, Operand<T> input, int k) {
    return decoder().topK(tf, input, k);
  }

  /**
   * Draws one class per row: {@link Decoder#sample(Ops, Operand, SampleOptions, Operand)}.
   *
   * @throws IllegalArgumentException if topK is above nClasses, or a type or a static shape does not fit
   */
  default SampledClasses sample(
      Ops tf, Operand<T> input, SampleOptions options, Operand<? extends TNumber> seed) {
    return decoder().sample(tf, input, options, seed);
  }
}
