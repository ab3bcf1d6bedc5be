package org.adaptivesoftmax.training;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.adaptivesoftmax.model.EncoderClassifier;
import org.adaptivesoftmax.text.EncodedExamples;
import org.adaptivesoftmax.training.EncoderFeeds.Batch;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.framework.losses.Loss;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** A classifier's log-probabilities and loss, as part of a graph. */
final class EncoderEvaluation {
  private static final int BATCH = 64;

  private final int classes;
  private final int padding;
  private final EncoderFeeds feeds;
  private final Operand<TFloat32> logProbs;
  private final Operand<TFloat32> loss;

  /**
   * @param meanLoss the mean of the rows' losses
   */
  EncoderEvaluation(Ops tf, EncoderClassifier model, Loss meanLoss) {
    Ops scope = tf.withSubScope("evaluation");
    classes = model.configuration().classes();
    padding = model.configuration().padding();
    feeds = EncoderFeeds.create(scope);
    Operand<TFloat32> logits = model.logits(scope, feeds.ids(), model.mask(scope, feeds.ids()));
    logProbs = scope.nn.logSoftmax(logits);
    loss = meanLoss.call(scope, feeds.classes(), logits, null);
  }

  /** Takes what a batch gave. */
  @FunctionalInterface
  private interface Action {
    void accept(int[] numbers, float[] logProbs, float loss);
  }

  /** The metrics of examples, every one counted once. */
  ClassMetrics run(Session session, EncodedExamples examples) {
    ClassMetrics.Sum sum = new ClassMetrics.Sum(classes);
    forEachBatch(
        session,
        examples,
        (numbers, found, mean) -> {
          for (int i = 0; i < numbers.length; i++) {
            sum.add(examples.classOf(numbers[i]), best(found, i * classes));
          }
          sum.addLoss(numbers.length * (double) mean);
        });
    return sum.metrics();
  }

  private int best(float[] values, int from) {
    return IntStream.range(0, classes)
        .reduce((a, b) -> values[from + a] >= values[from + b] ? a : b)
        .orElseThrow();
  }

  /** The log-probability of every class for each example, [examples][classes]. */
  float[][] logProbs(Session session, EncodedExamples examples) {
    float[][] all = new float[examples.size()][];
    forEachBatch(
        session,
        examples,
        (numbers, found, mean) -> {
          for (int i = 0; i < numbers.length; i++) {
            all[numbers[i]] = Arrays.copyOfRange(found, i * classes, (i + 1) * classes);
          }
        });
    return all;
  }

  /** From the shortest text to the longest, so that there is little padding. */
  private void forEachBatch(Session session, EncodedExamples examples, Action action) {
    int[] order =
        IntStream.range(0, examples.size())
            .boxed()
            .sorted(Comparator.comparingInt(examples::length))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int from = 0; from < order.length; from += BATCH) {
      int[] numbers = Arrays.copyOfRange(order, from, Math.min(from + BATCH, order.length));
      try (Batch batch = Batch.of(examples, numbers, padding);
          Result result = feeds.feed(session.runner(), batch).fetch(logProbs).fetch(loss).run()) {
        float[] found = new float[numbers.length * classes];
        result.get(0).asRawTensor().data().asFloats().read(found);
        action.accept(numbers, found, ((TFloat32) result.get(1)).getFloat());
      }
    }
  }
}
