package org.adaptivesoftmax.training;

import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * What the forward and the backward pass of a batch need.
 *
 * @param feeds the examples
 * @param number of the batch, counted from 1 over all epochs
 * @param delta AS-Softmax's δ, a scalar
 */
record ClassifierInputs(
    ClassifierFeeds feeds, Placeholder<TInt64> number, Placeholder<TFloat32> delta) {
  static ClassifierInputs create(Ops tf) {
    Placeholder.Options scalar = Placeholder.shape(Shape.scalar());
    return new ClassifierInputs(
        ClassifierFeeds.create(tf),
        tf.placeholder(TInt64.class, scalar),
        tf.placeholder(TFloat32.class, scalar));
  }
}
