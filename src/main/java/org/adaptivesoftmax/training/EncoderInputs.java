package org.adaptivesoftmax.training;

import org.adaptivesoftmax.training.ClassifierStep.Place;
import org.adaptivesoftmax.training.EncoderFeeds.Batch;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * What the forward and the backward pass of a batch need.
 *
 * @param feeds the examples
 * @param number of the batch, counted from 1 over all epochs
 * @param delta AS-Softmax's δ, a scalar
 * @param guessed which examples are taken to be unfinished, [batch]; unused without speculative skipping
 */
record EncoderInputs(
    EncoderFeeds feeds,
    Placeholder<TInt64> number,
    Placeholder<TFloat32> delta,
    Placeholder<TBool> guessed) {
  static EncoderInputs create(Ops tf) {
    Placeholder.Options scalar = Placeholder.shape(Shape.scalar());
    return new EncoderInputs(
        EncoderFeeds.create(tf),
        tf.placeholder(TInt64.class, scalar),
        tf.placeholder(TFloat32.class, scalar),
        tf.placeholder(TBool.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE))));
  }

  /** The tensors of one batch, without its examples. */
  record Fed(TInt64 number, TFloat32 delta, TBool guessed) implements AutoCloseable {
    static Fed of(Place place, boolean[] guessed) {
      return new Fed(
          TInt64.scalarOf(place.number()),
          TFloat32.scalarOf((float) place.delta()),
          TBool.vectorOf(guessed));
    }

    @Override
    public void close() {
      for (Tensor tensor : new Tensor[] {number, delta, guessed}) {
        tensor.close();
      }
    }
  }

  Session.Runner feed(Session.Runner runner, Batch batch, Fed fed) {
    return feeds
        .feed(runner, batch)
        .feed(number, fed.number)
        .feed(delta, fed.delta)
        .feed(guessed, fed.guessed);
  }
}
