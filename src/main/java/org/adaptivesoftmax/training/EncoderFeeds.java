package org.adaptivesoftmax.training;

import java.util.Arrays;
import org.adaptivesoftmax.text.EncodedExamples;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TInt32;

/**
 * What a batch of texts feeds into the graph of a classifier with an encoder.
 *
 * @param ids of the texts' pieces, filled up to the longest, [batch, time]
 * @param classes the class of each text, [batch]
 */
record EncoderFeeds(Placeholder<TInt32> ids, Placeholder<TInt32> classes) {
  static EncoderFeeds create(Ops tf) {
    Ops scope = tf.withSubScope("feeds");
    return new EncoderFeeds(
        scope.placeholder(
            TInt32.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE, Shape.UNKNOWN_SIZE))),
        scope.placeholder(TInt32.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE))));
  }

  Session.Runner feed(Session.Runner runner, Batch batch) {
    return runner.feed(ids, batch.ids).feed(classes, batch.classes);
  }

  /**
   * Examples as tensors.
   *
   * @param numbers those of the examples
   */
  @SuppressWarnings("ArrayRecordComponent") // Of one step, never compared.
  record Batch(int[] numbers, TInt32 ids, TInt32 classes) implements AutoCloseable {
    /**
     * @param numbers of examples
     * @param padding what fills up short texts
     */
    static Batch of(EncodedExamples examples, int[] numbers, int padding) {
      int time = Arrays.stream(numbers).map(examples::length).max().orElse(0);
      int[] ids = new int[numbers.length * time];
      Arrays.fill(ids, padding);
      for (int row = 0; row < numbers.length; row++) {
        int[] text = examples.ranks(numbers[row]);
        System.arraycopy(text, 0, ids, row * time, text.length);
      }
      return new Batch(
          numbers,
          TInt32.tensorOf(Shape.of(numbers.length, time), DataBuffers.of(ids)),
          Feeds.vector(Arrays.stream(numbers).map(examples::classOf).toArray()));
    }

    @Override
    public void close() {
      ids.close();
      classes.close();
    }
  }
}
