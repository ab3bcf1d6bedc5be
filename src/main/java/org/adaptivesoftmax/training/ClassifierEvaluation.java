package org.adaptivesoftmax.training;

import java.util.stream.IntStream;
import org.adaptivesoftmax.model.TextClassifier;
import org.adaptivesoftmax.text.EncodedExamples;
import org.adaptivesoftmax.training.ClassifierFeeds.Batch;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.framework.losses.Loss;
import org.tensorflow.ndarray.buffer.FloatDataBuffer;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** A classifier's predictions, log-probabilities and loss, as part of a graph. */
final class ClassifierEvaluation {
  private static final int BATCH = 512;

  private final int classes;
  private final ClassifierFeeds feeds;
  private final Operand<TInt32> predictions;
  private final Operand<TFloat32> logProbs;
  private final Operand<TFloat32> loss;

  /**
   * @param meanLoss the mean of the rows' losses
   */
  ClassifierEvaluation(Ops tf, TextClassifier model, Loss meanLoss) {
    Ops scope = tf.withSubScope("evaluation");
    classes = model.configuration().classes();
    feeds = ClassifierFeeds.create(scope);
    Operand<TFloat32> logits =
        model.logits(scope, feeds.ngrams(), feeds.texts(), feeds.batch(scope));
    logProbs = scope.nn.logSoftmax(logits);
    predictions = scope.math.argMax(logits, scope.constant(1), TInt32.class);
    loss = meanLoss.call(scope, feeds.classes(), logits, null);
  }

  /** The metrics of examples, every one counted once. */
  ClassMetrics run(Session session, EncodedExamples examples) {
    ClassMetrics.Sum sum = new ClassMetrics.Sum(classes);
    int[] order = IntStream.range(0, examples.size()).toArray();
    for (int from = 0; from < order.length; from += BATCH) {
      int to = Math.min(from + BATCH, order.length);
      try (Batch batch = Batch.of(examples, order, from, to);
          Result result =
              feeds.feed(session.runner(), batch).fetch(predictions).fetch(loss).run()) {
        TInt32 predicted = (TInt32) result.get(0);
        for (int i = from; i < to; i++) {
          sum.add(examples.classOf(i), predicted.getInt(i - from));
        }
        sum.addLoss((to - from) * (double) ((TFloat32) result.get(1)).getFloat());
      }
    }
    return sum.metrics();
  }

  /** The log-probability of every class for each example, [examples][classes]. */
  float[][] logProbs(Session session, EncodedExamples examples) {
    float[][] all = new float[examples.size()][classes];
    int[] order = IntStream.range(0, examples.size()).toArray();
    for (int from = 0; from < order.length; from += BATCH) {
      int to = Math.min(from + BATCH, order.length);
      try (Batch batch = Batch.of(examples, order, from, to);
          Result result = feeds.feed(session.runner(), batch).fetch(logProbs).run()) {
        FloatDataBuffer found = result.get(0).asRawTensor().data().asFloats();
        for (int i = from; i < to; i++) {
          found.offset((long) (i - from) * classes).read(all[i]);
        }
      }
    }
    return all;
  }
}
