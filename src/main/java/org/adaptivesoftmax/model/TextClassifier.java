package org.adaptivesoftmax.model;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * A bag-of-n-grams classifier, and nothing of its training. Of a text with the n-grams g<sub>1</sub> … g<sub>n</sub>,
 *
 * <pre>
 * x = Σ E[g_i] / √n        (0 for a text without a known n-gram)
 * h = max(0, x Aᵀ + a)
 * logits = h Bᵀ + b
 * </pre>
 *
 * <p>Variables have the same names in every graph, so that what a training graph saved can be restored into a clean one.
 *
 * @param configuration what it is made of
 * @param embedding E, one row per n-gram
 * @param hidden A and a
 * @param output B and b, one row per class
 */
public record TextClassifier(
    TextClassifierConfiguration configuration,
    EmbeddingTable embedding,
    DenseLayer hidden,
    DenseLayer output) {
  private static final int EMBEDDING_SEED = 1;
  private static final int HIDDEN_SEED = 2;
  private static final int OUTPUT_SEED = 3;

  /** Adds the classifier's variables to the graph. */
  public static TextClassifier create(Ops tf, TextClassifierConfiguration configuration) {
    int width = configuration.embedding();
    int hidden = configuration.hidden();
    return new TextClassifier(
        configuration,
        EmbeddingTable.create(
            tf, configuration.ngrams(), width, seed(configuration, EMBEDDING_SEED)),
        DenseLayer.create(tf, "hidden", width, hidden, seed(configuration, HIDDEN_SEED)),
        DenseLayer.create(
            tf, "output", hidden, configuration.classes(), seed(configuration, OUTPUT_SEED)));
  }

  private static long seed(TextClassifierConfiguration configuration, int part) {
    return configuration.seed() * (OUTPUT_SEED + 1) + part;
  }

  /** The variables that are updated densely: all but the embedding. */
  public List<Variable<TFloat32>> denseVariables() {
    List<Variable<TFloat32>> variables = new ArrayList<>(hidden.variables());
    variables.addAll(output.variables());
    return variables;
  }

  /** Every variable. */
  public List<Variable<TFloat32>> variables() {
    List<Variable<TFloat32>> variables = new ArrayList<>(List.of(embedding.rows()));
    variables.addAll(denseVariables());
    return variables;
  }

  /** The rows of n-grams [n], [n, embedding]. */
  public Operand<TFloat32> embed(Ops tf, Operand<TInt32> ngrams) {
    return embedding.lookup(tf, ngrams);
  }

  /**
   * Sums the embedded n-grams of each text: x, [batch, embedding].
   *
   * @param embedded [n, embedding]
   * @param texts the text that each is in, [n]
   * @param batch number of texts, a scalar
   */
  public Operand<TFloat32> pool(
      Ops tf, Operand<TFloat32> embedded, Operand<TInt32> texts, Operand<TInt32> batch) {
    Operand<TFloat32> ones = tf.fill(tf.shape(texts), tf.constant(1f));
    Operand<TFloat32> counts = tf.math.unsortedSegmentSum(ones, texts, batch);
    Operand<TFloat32> scale = tf.math.rsqrt(tf.math.maximum(counts, tf.constant(1f)));
    return tf.math.mul(
        tf.math.unsortedSegmentSum(embedded, texts, batch), tf.expandDims(scale, tf.constant(1)));
  }

  /** h of x [batch, embedding], [batch, hidden]. */
  public Operand<TFloat32> hidden(Ops tf, Operand<TFloat32> pooled) {
    return tf.nn.relu(hidden.apply(tf, pooled));
  }

  /** The logits of h [batch, hidden], [batch, classes]. */
  public Operand<TFloat32> logits(Ops tf, Operand<TFloat32> hiddenValues) {
    return output.apply(tf, hiddenValues);
  }

  /**
   * The logits of texts, [batch, classes], with nothing dropped.
   *
   * @param ngrams all known n-grams of all texts, [n]
   * @param texts the text that each is in, [n]
   * @param batch number of texts, a scalar
   */
  public Operand<TFloat32> logits(
      Ops tf, Operand<TInt32> ngrams, Operand<TInt32> texts, Operand<TInt32> batch) {
    return logits(tf, hidden(tf, pool(tf, embed(tf, ngrams), texts, batch)));
  }
}
