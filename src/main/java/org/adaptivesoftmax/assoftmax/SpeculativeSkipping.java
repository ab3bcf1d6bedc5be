package org.adaptivesoftmax.assoftmax;

import java.util.List;
import org.adaptivesoftmax.assoftmax.RowSkipping.Network;
import org.adaptivesoftmax.internal.graph.Checks;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.family.TNumber;

/**
 * AS-Softmax's loss of a whole network with the work of finished rows left out, by a guess of which rows those are. Rows
 * guessed unfinished go straight through the network, forward and backward. The others go forward alone, and those of them
 * that turn out unfinished go through it once more, forward and backward. A finished row's loss and gradient are exactly 0,
 * so the loss and every gradient are those of the plain step, whatever was guessed.
 *
 * <p>With a share ũ of rows guessed unfinished, a share m guessed finished that are not, and a backward pass that costs two
 * forward passes, a step costs 3ũ + (1 − ũ) + 3m forward passes instead of 3. To guess every row unfinished is the plain
 * step, to guess none is {@link RowSkipping}. {@link RowForecast} guesses by what is known of each example.
 *
 * <p>Rows must not depend on one another (no batch normalisation), and the network must give a row the same logits in all
 * passes: whatever is drawn at random for a row, such as a dropout mask, is an input.
 *
 * <pre>{@code
 * SpeculativeSkipping skipping = new SpeculativeSkipping(AdaptiveSparseSoftmax.builder().delta(0.1).build());
 * SpeculativeLoss<TFloat32> loss =
 *     skipping.call(tf, labels, List.of(features), (scope, rows) -> network(scope, rows.get(0)), guessed);
 * }</pre>
 *
 * @param loss the loss of a row, and how rows are reduced
 */
public record SpeculativeSkipping(AdaptiveSparseSoftmax loss) {
  /** {@link #call(Ops, Operand, List, Network, Operand, Operand)} with every row weighed 1. */
  public <T extends TNumber> SpeculativeLoss<T> call(
      Ops tf,
      Operand<? extends TNumber> labels,
      List<? extends Operand<?>> inputs,
      Network<T> network,
      Operand<TBool> guessed) {
    return call(tf, labels, inputs, network, guessed, null);
  }

  /**
   * The loss, differentiable by the network's variables, and how good the guess was.
   *
   * @param tf builds the ops
   * @param labels [rows], as in {@link AdaptiveSparseSoftmax#call}
   * @param inputs of the network, one row each per label: [rows, ...]
   * @param network is called three times, at a run with any number of rows, none included
   * @param guessed which rows are taken to be unfinished, [rows]
   * @param sampleWeights as in {@link AdaptiveSparseSoftmax#call}
   * @throws IllegalArgumentException if labels or guessed are known to have another rank than 1, or a type or a shape does
   *     not fit
   */
  public <T extends TNumber> SpeculativeLoss<T> call(
      Ops tf,
      Operand<? extends TNumber> labels,
      List<? extends Operand<?>> inputs,
      Network<T> network,
      Operand<TBool> guessed,
      @Nullable Operand<T> sampleWeights) {
    Checks.rank(labels.shape(), 1, "labels");
    Checks.rank(guessed.shape(), 1, "guessed");
    return loss.ofGuessed(
        tf,
        labels,
        guessed,
        rows -> network.logits(tf, RowSkipping.take(tf, inputs, rows)),
        sampleWeights);
  }
}
