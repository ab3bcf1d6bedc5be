package org.adaptivesoftmax.embedding;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * What an {@link AdaptiveEmbedding} gives for ids, and the rows it read for them, for optimizers that update just those:
 * differentiate with respect to each cluster's {@code rows} instead of its {@code table}, and scatter the result into the
 * table at {@code indices}, where an index stands as often as its row was read.
 *
 * @param output [ids…, outFeatures]
 * @param clusters the rows read from each cluster: the shortlist's, then each tail cluster's
 */
public record EmbeddingLookup<T extends TFloating>(
    Operand<T> output, List<ClusterRows<T>> clusters) {
  /** Copies the list. */
  public EmbeddingLookup {
    clusters = List.copyOf(clusters);
  }

  /**
   * The rows read from one cluster's table.
   *
   * @param table the variable that holds the rows
   * @param indices which of its rows, [n]
   * @param rows the rows themselves, [n, width]
   */
  public record ClusterRows<T extends TFloating>(
      Variable<T> table, Operand<TInt32> indices, Operand<T> rows) {}
}
