package org.adaptivesoftmax.inference;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.adaptivesoftmax.model.LanguageModel;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gather;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.op.nn.TopK;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * The classes that two models of different vocabularies have in common: a column for each word of both, by rank, and a last one
 * for all others together.
 */
final class CommonClasses extends TokenClasses {
  private final int[] shared;
  private final int[] columns;
  private final Operand<TFloat32> logProbs;
  private final TopK<TFloat32, TInt64> top;

  /**
   * @param isOther by rank, whether a word is one of the others; there is one that is, and one that is not
   */
  @SuppressWarnings("unchecked") // The model is float32, and so is what its output layer gives.
  CommonClasses(Ops tf, LanguageModel model, boolean[] isOther) {
    super(tf, model.configuration().hidden());
    shared = IntStream.range(0, isOther.length).filter(rank -> !isOther[rank]).toArray();
    int[] others = IntStream.range(0, isOther.length).filter(rank -> isOther[rank]).toArray();
    columns = new int[isOther.length];
    Arrays.fill(columns, shared.length);
    for (int column = 0; column < shared.length; column++) {
      columns[shared[column]] = column;
    }
    Operand<TFloat32> all = (Operand<TFloat32>) model.output().logProb(tf, input());
    Operand<TInt32> last = tf.constant(1);
    Operand<TFloat32> events =
        tf.concat(
            List.of(
                tf.gather(all, tf.constant(shared), last),
                logSumExp(tf, tf.gather(all, tf.constant(others), last))),
            last);
    logProbs = tf.gather(events, target(), last, Gather.batchDims(1L));
    int k = Math.min(LineScores.TOP, shared.length + 1);
    top = tf.nn.topK(events, tf.constant(k), TInt64.class);
  }

  /** [rows, 1]. */
  private static Operand<TFloat32> logSumExp(Ops tf, Operand<TFloat32> values) {
    Operand<TInt32> last = tf.constant(new int[] {1});
    Operand<TFloat32> largest = tf.reduceMax(values, last, ReduceMax.keepDims(true));
    Operand<TFloat32> sum =
        tf.reduceSum(tf.math.exp(tf.math.sub(values, largest)), last, ReduceSum.keepDims(true));
    return tf.math.add(largest, tf.math.log(sum));
  }

  @Override
  Operand<TFloat32> logProbs() {
    return logProbs;
  }

  @Override
  Operand<TInt64> bestColumns() {
    return top.indices();
  }

  @Override
  Operand<TFloat32> bestLogProbs() {
    return top.values();
  }

  @Override
  int column(int rank) {
    return columns[rank];
  }

  @Override
  int classOf(int column) {
    return column < shared.length ? shared[column] : LineScores.OTHER;
  }
}
