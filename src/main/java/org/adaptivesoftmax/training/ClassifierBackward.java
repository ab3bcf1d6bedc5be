package org.adaptivesoftmax.training;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.assoftmax.AdaptiveSparseLoss;
import org.adaptivesoftmax.assoftmax.AdaptiveSparseSoftmax;
import org.adaptivesoftmax.assoftmax.RowSkipping;
import org.adaptivesoftmax.assoftmax.UnfinishedRows;
import org.adaptivesoftmax.model.TextClassifier;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * The forward and the backward pass of a batch, as part of a graph.
 *
 * @param loss mean loss of the batch's examples, a scalar
 * @param unfinished which examples have a gradient; null but for AS-Softmax: all have
 * @param rows the gradient of the embedding, for the rows that have one
 * @param dense the gradients of the model's dense variables, in their order
 */
record ClassifierBackward(
    Operand<TFloat32> loss,
    @Nullable UnfinishedRows unfinished,
    LazyAdam.RowGradients rows,
    List<Operand<TFloat32>> dense) {
  /** A batch's loss, and its rows where AS-Softmax counts them. */
  private record BatchLoss(Operand<TFloat32> mean, @Nullable UnfinishedRows unfinished) {
    static BatchLoss of(AdaptiveSparseLoss<TFloat32> loss) {
      return new BatchLoss(loss.loss(), loss.rows());
    }
  }

  static ClassifierBackward of(
      Graph graph, Ops tf, TextClassifier model, ClassifierLoss kind, ClassifierInputs inputs) {
    ClassifierNetwork network = new ClassifierNetwork(tf, model, inputs.feeds(), inputs.number());
    BatchLoss loss = loss(tf, kind, inputs, network);
    ClassifierNetwork.Lookup lookup = network.latestLookup();
    List<Output<?>> sources = new ArrayList<>(List.of(lookup.embedded().asOutput()));
    for (Variable<TFloat32> variable : model.denseVariables()) {
      sources.add(variable.asOutput());
    }
    List<Operand<TFloat32>> found = DenseGradients.of(graph, loss.mean, sources);
    LazyAdam.RowGradients rows = LazyAdam.sumDuplicates(tf, lookup.ngrams(), found.get(0));
    return new ClassifierBackward(
        loss.mean,
        loss.unfinished,
        loss.unfinished == null ? rows : rows.withoutZeros(tf),
        found.subList(1, found.size()));
  }

  private static BatchLoss loss(
      Ops tf, ClassifierLoss kind, ClassifierInputs inputs, ClassifierNetwork network) {
    if (!kind.hasDelta()) {
      Operand<TFloat32> logits = network.logits(tf, network.inputs());
      return new BatchLoss(kind.lastLoss().call(tf, inputs.feeds().classes(), logits, null), null);
    }
    AdaptiveSparseSoftmax loss = AdaptiveSparseSoftmax.builder().delta(inputs.delta()).build();
    return BatchLoss.of(
        kind.skipping() == ClassifierLoss.Skipping.TWO_PASS
            ? new RowSkipping(loss).call(tf, inputs.feeds().classes(), network.inputs(), network)
            : loss.lossAndRows(
                tf, inputs.feeds().classes(), network.logits(tf, network.inputs()), null));
  }

  /** Every gradient. */
  List<Operand<?>> gradients() {
    List<Operand<?>> all = new ArrayList<>(dense);
    all.add(rows.values());
    return all;
  }

  /** How many examples have no gradient, a scalar. */
  Operand<TInt64> finished(Ops tf) {
    return unfinished == null ? tf.constant(0L) : unfinished.finished();
  }
}
