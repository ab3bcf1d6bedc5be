package org.adaptivesoftmax.internal.weights;

import org.adaptivesoftmax.internal.graph.Precision;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * The weights of a tail cluster whose class rows are stored in less space.
 *
 * @param projection [width, inFeatures], without a bias
 * @param classes [size, width]
 * @param bias of each class, [size], or null
 */
public record QuantizedTail<T extends TFloating>(
    Linear<T> projection, StoredRows<?> classes, @Nullable Operand<T> bias) implements Tail<T> {
  @Override
  public Operand<T> logits(Ops tf, Operand<T> x) {
    Operand<T> product = classes.product(tf, projection.apply(tf, x));
    return bias == null ? product : tf.math.add(product, bias);
  }

  /** The same weights, multiplied in another type. */
  public <C extends TFloating> QuantizedTail<C> in(Ops tf, Class<C> type) {
    return new QuantizedTail<>(
        projection.in(tf, type), classes, bias == null ? null : Precision.cast(tf, bias, type));
  }
}
