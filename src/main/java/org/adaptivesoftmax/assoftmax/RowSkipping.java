package org.adaptivesoftmax.assoftmax;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.internal.io.Require;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/**
 * AS-Softmax's loss of a whole network with the work of finished rows left out: a forward pass over all rows finds the
 * unfinished ones, and these alone go through the network a second time, forward and backward. A finished row's loss and
 * gradient are exactly 0, so the loss and every gradient are those of the plain step.
 *
 * <p>With a share u of unfinished rows, and a backward pass that costs two forward passes, a step costs 1 + 3u forward
 * passes instead of 3: it pays where less than two thirds of the rows are unfinished.
 *
 * <p>Rows must not depend on one another (no batch normalisation), and the network must give a row the same logits in both
 * passes: whatever is drawn at random for a row, such as a dropout mask, is an input.
 *
 * <pre>{@code
 * RowSkipping skipping = new RowSkipping(AdaptiveSparseSoftmax.builder().delta(0.1).build());
 * Operand<TFloat32> loss =
 *     skipping.call(tf, labels, List.of(features), (scope, rows) -> network(scope, rows.get(0))).loss();
 * }</pre>
 *
 * @param loss the loss of a row, and how rows are reduced
 */
public record RowSkipping(AdaptiveSparseSoftmax loss) {
  /** A network from inputs to logits, which adds its ops to the graph and shares its variables between calls. */
  @FunctionalInterface
  public interface Network<T extends TNumber> {
    /**
     * The logits of some rows.
     *
     * @param tf builds the ops
     * @param inputs those given to {@link RowSkipping#call}, or some of their rows
     * @return [rows, classes]
     */
    Operand<T> logits(Ops tf, List<Operand<?>> inputs);
  }

  /** {@link #call(Ops, Operand, List, Network, Operand)} with every row weighed 1. */
  public <T extends TNumber> AdaptiveSparseLoss<T> call(
      Ops tf,
      Operand<? extends TNumber> labels,
      List<? extends Operand<?>> inputs,
      Network<T> network) {
    return call(tf, labels, inputs, network, null);
  }

  /**
   * The loss, differentiable by the network's variables, and which rows are finished.
   *
   * @param tf builds the ops
   * @param labels [rows], as in {@link AdaptiveSparseSoftmax#call}
   * @param inputs of the network, one row each per label: [rows, ...]
   * @param network is called twice
   * @param sampleWeights as in {@link AdaptiveSparseSoftmax#call}
   * @throws IllegalArgumentException if the labels are known to have another rank than 1, or a type or a shape does not fit
   */
  public <T extends TNumber> AdaptiveSparseLoss<T> call(
      Ops tf,
      Operand<? extends TNumber> labels,
      List<? extends Operand<?>> inputs,
      Network<T> network,
      @Nullable Operand<T> sampleWeights) {
    Require.argument(
        labels.shape().isUnknown() || labels.shape().numDimensions() == 1,
        "labels must be [rows]: shape %s",
        labels.shape());
    Operand<T> all = tf.stopGradient(network.logits(tf, List.copyOf(inputs)));
    return loss.ofUnfinished(
        tf, labels, all, rows -> network.logits(tf, take(tf, inputs, rows)), sampleWeights);
  }

  static List<Operand<?>> take(Ops tf, List<? extends Operand<?>> inputs, Operand<TInt64> rows) {
    List<Operand<?>> taken = new ArrayList<>();
    for (Operand<?> input : inputs) {
      taken.add(tf.gather((Operand<? extends TType>) input, rows, tf.constant(0)));
    }
    return taken;
  }
}
