package org.adaptivesoftmax.inference;

import java.util.Arrays;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/** The part of a graph that scores classes from hidden states, some rows at a time: [rows, classes] stays small. */
abstract class TokenClasses {
  private static final int CHUNK = 256;

  private final int width;
  private final Placeholder<TFloat32> input;
  private final Placeholder<TInt32> target;

  /** What is known of some tokens, one after the other. */
  @SuppressWarnings("ArrayRecordComponent") // Read at once, never compared.
  record Scores(int[] targets, float[] logProbs, int[] best, float[] confidences, int[] places) {
    Scores(int tokens) {
      this(new int[tokens], new float[tokens], new int[tokens], new float[tokens], new int[tokens]);
    }

    LineScores line(long number, List<String> words, int start, int end) {
      return new LineScores(
          number,
          words,
          Arrays.copyOfRange(targets, start, end),
          Arrays.copyOfRange(logProbs, start, end),
          Arrays.copyOfRange(best, start, end),
          Arrays.copyOfRange(confidences, start, end),
          Arrays.copyOfRange(places, start, end));
    }
  }

  TokenClasses(Ops tf, int width) {
    this.width = width;
    input = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, width)));
    target = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
  }

  Placeholder<TFloat32> input() {
    return input;
  }

  /** The target's column, [rows]. */
  Placeholder<TInt32> target() {
    return target;
  }

  /** The target's log-probability, [rows]. */
  abstract Operand<TFloat32> logProbs();

  /** The columns of the best classes, [rows, k]. */
  abstract Operand<TInt64> bestColumns();

  /** Their log-probabilities, [rows, k]. */
  abstract Operand<TFloat32> bestLogProbs();

  /** The column that stands for a rank. */
  abstract int column(int rank);

  /** The class that a column stands for: a rank, or {@link LineScores#OTHER}. */
  abstract int classOf(int column);

  /**
   * Scores tokens.
   *
   * @param hidden [tokens, hidden]
   * @param ranks of the tokens
   */
  Scores score(Session session, float[] hidden, int[] ranks) {
    Scores scores = new Scores(ranks.length);
    for (int start = 0; start < ranks.length; start += CHUNK) {
      int end = Math.min(ranks.length, start + CHUNK);
      int[] columns = Arrays.stream(ranks, start, end).map(this::column).toArray();
      float[] rows = Arrays.copyOfRange(hidden, start * width, end * width);
      try (TFloat32 fed = TFloat32.tensorOf(Shape.of(end - start, width), DataBuffers.of(rows));
          TInt32 targets = TInt32.vectorOf(columns);
          Result result =
              session
                  .runner()
                  .feed(input, fed)
                  .feed(target, targets)
                  .fetch(logProbs())
                  .fetch(bestColumns())
                  .fetch(bestLogProbs())
                  .run()) {
        read(result, columns, start, scores);
      }
    }
    return scores;
  }

  private void read(Result result, int[] columns, int start, Scores scores) {
    float[] logProbs = floats(result.get(0));
    float[] bestLogProbs = floats(result.get(2));
    long[] best = new long[bestLogProbs.length];
    result.get(1).asRawTensor().data().asLongs().read(best);
    int k = best.length / columns.length;
    for (int i = 0; i < columns.length; i++) {
      int place = 0;
      while (place < k && best[i * k + place] != columns[i]) {
        place++;
      }
      scores.targets[start + i] = classOf(columns[i]);
      scores.logProbs[start + i] = logProbs[i];
      scores.best[start + i] = classOf((int) best[i * k]);
      scores.confidences[start + i] = (float) Math.exp(bestLogProbs[i * k]);
      scores.places[start + i] = place < k ? place : LineScores.TOP;
    }
  }

  private static float[] floats(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.shape().size())];
    tensor.asRawTensor().data().asFloats().read(values);
    return values;
  }
}
