package org.adaptivesoftmax.embedding;

import org.adaptivesoftmax.AdaptiveSoftmax;

/**
 * What an {@link AdaptiveEmbedding} shares with an {@link AdaptiveSoftmax} of the same plan (Inan et al., 2017; Press and
 * Wolf, 2017). A shared variable is the softmax's: it is not among the embedding's {@code parameters()}, and its gradient
 * is the sum of both uses.
 *
 * <p>The shortlist's projection is never shared: the head of an adaptive softmax has none. The embedding keeps its own in
 * every mode, as Baevski and Auli do, and as fairseq's {@code --tie-adaptive-weights} and {@code --tie-adaptive-proj}.
 */
public enum Tying {
  /**
   * The class rows. E<sub>0</sub> is the first shortlistSize rows of {@code head.weight}: not the rows of its cluster
   * entries, which no lookup reads. E<sub>i</sub> of tail cluster i, counted from 1, is {@code tail.(i−1).1.weight}.
   * The embedding keeps all its projections.
   */
  CLASS_ROWS(true, false),

  /**
   * The tail clusters' projections, used the other way round: P<sub>i</sub> is the transpose of {@code
   * tail.(i−1).0.weight}, [width, inFeatures]. The embedding keeps all its class rows and the shortlist's projection.
   */
  PROJECTIONS(false, true),

  /** The class rows and the tail clusters' projections. The embedding keeps the shortlist's projection alone. */
  BOTH(true, true);

  final boolean classRows;
  final boolean projections;

  Tying(boolean classRows, boolean projections) {
    this.classRows = classRows;
    this.projections = projections;
  }
}
