package org.adaptivesoftmax.model;

import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * An input embedding: one row per word.
 *
 * @param rows the table, [words, width]
 */
public record EmbeddingTable(Variable<TFloat32> rows) {
  /**
   * Spread of the starting values. PyTorch's is 1: rare words then stay noise, as large as what frequent words have
   * learned (validation perplexity after one epoch of the default corpus: 137 with 0.1, 148 with 1).
   */
  private static final double INITIAL_DEVIATION = 0.1;

  /** Adds the table, normal with mean 0 and a small spread. */
  public static EmbeddingTable create(Ops tf, int words, int width, long seed) {
    Ops scope = tf.withSubScope("embedding");
    Shape shape = Shape.of(words, width);
    Variable<TFloat32> rows = scope.withName("rows").variable(shape, TFloat32.class);
    Ops init = scope.withInitScope();
    init.assign(rows, Initializers.normal(init, shape, INITIAL_DEVIATION, seed));
    return new EmbeddingTable(rows);
  }

  /** The rows of {@code ids} [n], [n, width]. */
  public Operand<TFloat32> lookup(Ops tf, Operand<TInt32> ids) {
    return tf.gather(rows, ids, tf.constant(0));
  }
}
