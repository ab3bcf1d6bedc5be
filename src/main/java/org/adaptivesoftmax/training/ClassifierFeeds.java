package org.adaptivesoftmax.training;

import org.adaptivesoftmax.text.EncodedExamples;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TInt32;

/**
 * What a batch of examples feeds into a classifier's graph.
 *
 * @param ngrams all known n-grams of all texts, [n]
 * @param texts the text that each is in, [n]
 * @param classes the class of each text, [batch]
 */
record ClassifierFeeds(
    Placeholder<TInt32> ngrams, Placeholder<TInt32> texts, Placeholder<TInt32> classes) {
  static ClassifierFeeds create(Ops tf) {
    Ops scope = tf.withSubScope("feeds");
    return new ClassifierFeeds(vector(scope), vector(scope), vector(scope));
  }

  private static Placeholder<TInt32> vector(Ops tf) {
    return tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE)));
  }

  /** Number of texts. */
  Operand<TInt32> batch(Ops tf) {
    return tf.size(classes);
  }

  Session.Runner feed(Session.Runner runner, Batch batch) {
    return runner.feed(ngrams, batch.ngrams).feed(texts, batch.texts).feed(classes, batch.classes);
  }

  /** Examples as tensors. */
  record Batch(TInt32 ngrams, TInt32 texts, TInt32 classes) implements AutoCloseable {
    /**
     * @param order numbers of examples
     * @param from the first place of {@code order} that is in the batch
     * @param to the first place after it
     */
    static Batch of(EncodedExamples examples, int[] order, int from, int to) {
      int[] classes = new int[to - from];
      int[][] ranks = new int[to - from][];
      int count = 0;
      for (int text = 0; text < classes.length; text++) {
        classes[text] = examples.classOf(order[from + text]);
        ranks[text] = examples.ranks(order[from + text]);
        count += ranks[text].length;
      }
      int[] ngrams = new int[count];
      int[] texts = new int[count];
      int place = 0;
      for (int text = 0; text < ranks.length; text++) {
        for (int rank : ranks[text]) {
          ngrams[place] = rank;
          texts[place++] = text;
        }
      }
      return new Batch(Feeds.vector(ngrams), Feeds.vector(texts), Feeds.vector(classes));
    }

    @Override
    public void close() {
      ngrams.close();
      texts.close();
      classes.close();
    }
  }
}
