package org.adaptivesoftmax.decoding;

import org.adaptivesoftmax.internal.graph.Checks;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.Operand;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * Adjusts the probabilities of chosen classes: words that a search has found rise, words that must not appear vanish. With
 * the model's p, and b<sub>c</sub> = 0 for every class that is not named,
 *
 * <pre>
 * p'(c) = p(c) exp(b_c) / Σ_j p(j) exp(b_j)
 * </pre>
 *
 * which is the softmax of log p + b: with a full softmax, of its logits + b. A class with b = −∞ has log-probability −∞. At
 * least one class must keep a finite bias, or the results are not numbers.
 *
 * @param classes class ids, int32 or int64: [m], for every row, or [N, m]. A class that a row names twice gets the sum.
 * @param values b of each, finite or −∞, of the classes' shape. Where rows name different numbers of classes, the shorter
 *     ones are filled up with any class and 0.
 */
public record ClassBias(Operand<? extends TNumber> classes, Operand<? extends TFloating> values) {
  /**
   * Checks types and static shapes.
   *
   * @throws IllegalArgumentException if the classes are neither int32 nor int64, are neither [m] nor [N, m], or the values
   *     have another shape
   */
  public ClassBias {
    Checks.integer(classes, "classes");
    int rank = classes.shape().numDimensions();
    Require.argument(
        rank == 1 || rank == 2, "classes must be [m] or [N, m]: shape %s", classes.shape());
    Require.argument(
        classes.shape().isCompatibleWith(values.shape()),
        "values must have the classes' shape %s: shape %s",
        classes.shape(),
        values.shape());
  }

  /** Whether each row names classes of its own. */
  boolean byRow() {
    return classes.shape().numDimensions() == 2;
  }
}
