package org.adaptivesoftmax.training;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.assoftmax.AdaptiveSparseLoss;
import org.adaptivesoftmax.assoftmax.AdaptiveSparseSoftmax;
import org.adaptivesoftmax.assoftmax.RowSkipping;
import org.adaptivesoftmax.assoftmax.SpeculativeLoss;
import org.adaptivesoftmax.assoftmax.SpeculativeSkipping;
import org.adaptivesoftmax.assoftmax.UnfinishedRows;
import org.adaptivesoftmax.model.EncoderClassifier;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * The forward and the backward pass of a batch through an encoder, as part of a graph.
 *
 * @param loss what is minimised, and the rows behind it
 * @param rows the gradient of the word embedding, for the rows that have one; null if it is frozen
 * @param variables those that are updated densely
 * @param dense their gradients
 */
record EncoderBackward(
    Loss loss,
    LazyAdam.@Nullable RowGradients rows,
    List<Variable<TFloat32>> variables,
    List<Operand<TFloat32>> dense) {
  /**
   * A batch's loss.
   *
   * @param mean over the batch's examples, a scalar
   * @param unfinished which examples have a gradient; null but for AS-Softmax: all have
   * @param missed those of them that were guessed finished; null without speculative skipping
   * @param margins by how much each target leads; null without speculative skipping
   */
  record Loss(
      Operand<TFloat32> mean,
      @Nullable UnfinishedRows unfinished,
      @Nullable Operand<TInt64> missed,
      @Nullable Operand<TFloat32> margins) {
    static Loss of(AdaptiveSparseLoss<TFloat32> loss) {
      return new Loss(loss.loss(), loss.rows(), null, null);
    }

    static Loss of(SpeculativeLoss<TFloat32> loss) {
      return new Loss(loss.loss(), loss.rows(), loss.missed(), loss.margins());
    }

    /** How many examples have no gradient, a scalar. */
    Operand<TInt64> finished(Ops tf) {
      return unfinished == null ? tf.constant(0L) : unfinished.finished();
    }
  }

  static EncoderBackward of(
      Graph graph,
      Ops tf,
      EncoderClassifier model,
      EncoderTraining training,
      EncoderInputs inputs) {
    EncoderNetwork network = new EncoderNetwork(tf, model, training, inputs);
    Loss loss = loss(tf, training.loss(), inputs, network);
    List<Variable<TFloat32>> variables = new ArrayList<>(model.variables());
    variables.remove(model.encoder().words());
    variables.removeAll(model.encoder().variablesBelow(training.frozenLayers()));
    List<Output<?>> sources = new ArrayList<>();
    variables.forEach(variable -> sources.add(variable.asOutput()));
    boolean frozen = training.frozenLayers() >= 0;
    if (!frozen) {
      sources.add(network.words().asOutput());
    }
    List<Operand<TFloat32>> found = DenseGradients.of(graph, loss.mean, sources);
    return new EncoderBackward(
        loss,
        frozen ? null : rows(tf, network, found.get(variables.size()), loss),
        variables,
        found.subList(0, variables.size()));
  }

  private static LazyAdam.RowGradients rows(
      Ops tf, EncoderNetwork network, Operand<TFloat32> gradient, Loss loss) {
    var rows = new LazyAdam.RowGradients(network.wordIds(), gradient);
    return loss.unfinished == null ? rows : rows.withoutZeros(tf);
  }

  private static Loss loss(
      Ops tf, ClassifierLoss kind, EncoderInputs inputs, EncoderNetwork network) {
    if (!kind.hasDelta()) {
      Operand<TFloat32> logits = network.logits(tf, network.inputs());
      return new Loss(
          kind.lastLoss().call(tf, inputs.feeds().classes(), logits, null), null, null, null);
    }
    AdaptiveSparseSoftmax loss = AdaptiveSparseSoftmax.builder().delta(inputs.delta()).build();
    return switch (kind.skipping()) {
      case NONE ->
          Loss.of(
              loss.lossAndRows(
                  tf, inputs.feeds().classes(), network.logits(tf, network.inputs()), null));
      case TWO_PASS ->
          Loss.of(
              new RowSkipping(loss).call(tf, inputs.feeds().classes(), network.inputs(), network));
      case SPECULATIVE ->
          Loss.of(
              new SpeculativeSkipping(loss)
                  .call(tf, inputs.feeds().classes(), network.inputs(), network, inputs.guessed()));
    };
  }
}
