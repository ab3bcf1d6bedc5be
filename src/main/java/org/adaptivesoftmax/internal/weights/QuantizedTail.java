package org.adaptivesoftmax.internal.weights;

import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * The weights of a tail cluster whose class rows are stored in less space.
 *
 * @param projection [width, inFeatures], without a bias
 * @param classes [size, width]
 * @param bias of each class, [size], or null
 */
public record QuantizedTail(
    Linear<TFloat32> projection, StoredRows<?> classes, @Nullable Operand<TFloat32> bias)
    implements Tail<TFloat32> {
  @Override
  public Operand<TFloat32> logits(Ops tf, Operand<TFloat32> x) {
    Operand<TFloat32> product = classes.product(tf, projection.apply(tf, x));
    return bias == null ? product : tf.math.add(product, bias);
  }
}
