package org.adaptivesoftmax.embedding;

import java.util.List;
import org.adaptivesoftmax.gradient.BackwardOps;
import org.adaptivesoftmax.gradient.FusedGradient;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.graph.Rows;
import org.adaptivesoftmax.internal.weights.Linear;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * A cluster of an adaptive embedding: a row per class, and the projection of rows to the width of the output.
 *
 * @param start the first rank in the cluster
 * @param end the first rank after it
 * @param table [classes or more, width]; row 0 is that of rank start
 * @param projection [outFeatures, width], or [width, outFeatures] if it is backward
 * @param backward whether the projection is an output layer's, which is used the other way round here
 */
record EmbeddingCluster<T extends TFloating>(
    int start, int end, Variable<T> table, Linear<T> projection, boolean backward) {
  private static final FusedGradient LOOKUP =
      FusedGradient.define("adaptive_embedding_lookup", EmbeddingCluster::lookupGradient);

  /** Rows of the table, [indices, width]. */
  @SuppressWarnings("unchecked")
  Operand<T> rows(Ops tf, Operand<TInt32> indices) {
    Operand<T> found = Rows.take(tf, table, indices);
    return (Output<T>) LOOKUP.apply(tf, List.of(found), List.of(table), List.of(indices)).get(0);
  }

  /** The embeddings of rows, [rows, outFeatures]. */
  Operand<T> project(Ops tf, Operand<T> rows) {
    return backward ? projection.projectBack(tf, rows) : projection.project(tf, rows);
  }

  /** As the gradient of TensorFlow's gather, but rows that were read often are summed in float32 if they are narrower. */
  @SuppressWarnings("unchecked")
  private static List<Operand<?>> lookupGradient(
      BackwardOps ops, List<Output<?>> inputs, List<Output<?>> saved, List<Output<?>> upstream) {
    Ops tf = ops.tf();
    Operand<TFloating> table = (Output<TFloating>) inputs.get(0);
    Operand<TInt32> indices = (Output<TInt32>) saved.get(0);
    Operand<TFloating> rows = (Output<TFloating>) upstream.get(0);
    Class<TFloating> summed = (Class<TFloating>) Precision.resultType(table.type());
    Operand<TFloating> sums =
        tf.math.unsortedSegmentSum(
            Precision.cast(tf, rows, summed), indices, Rows.count(tf, table));
    return List.of(Precision.cast(tf, sums, table.type()));
  }
}
