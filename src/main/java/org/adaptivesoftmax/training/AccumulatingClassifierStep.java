package org.adaptivesoftmax.training;

import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.adaptivesoftmax.assoftmax.AdaptiveGradientAccumulation;
import org.adaptivesoftmax.model.TextClassifier;
import org.adaptivesoftmax.training.ClassifierFeeds.Batch;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * AS-Speed: an optimizer step for a window of batches, which grows as examples are finished. The embedding's gradients
 * are summed by row, and only rows that the window looked up are updated.
 */
final class AccumulatingClassifierStep implements ClassifierStep {
  private final ClassifierInputs inputs;
  private final Operand<TFloat32> loss;
  private final Operand<TInt64> finished;
  private final AdaptiveGradientAccumulation accumulation;
  private final Op addRows;
  private final Update update;

  /** The n-grams that the present window looked up. */
  private final BitSet seen = new BitSet();

  private Place place = new Place(0, 0, 1);
  private int batches;
  private long updates;

  /**
   * The optimizer step of a window.
   *
   * @param learningRate a scalar
   * @param number of the optimizer step, counted from 1
   * @param batches of the window
   * @param ngrams that the window looked up, distinct
   */
  private record Update(
      Placeholder<TFloat32> learningRate,
      Placeholder<TInt64> number,
      Placeholder<TFloat32> batches,
      Placeholder<TInt32> ngrams,
      Op op) {}

  AccumulatingClassifierStep(Graph graph, TextClassifier model, ClassifierLoss kind) {
    Ops tf = Ops.create(graph).withSubScope("training");
    inputs = ClassifierInputs.create(tf);
    ClassifierBackward backward = ClassifierBackward.of(graph, tf, model, kind, inputs);
    loss = backward.loss();
    finished = backward.finished(tf);
    RowSums rowSums = RowSums.create(tf, model.embedding().rows());
    addRows = rowSums.add(tf, backward.rows());
    accumulation =
        AdaptiveGradientAccumulation.create(
            Ops.create(graph),
            kind.accumulation(),
            Objects.requireNonNull(backward.unfinished(), "AS-Speed needs AS-Softmax"),
            DenseGradients.paired(backward.dense(), model.denseVariables()));
    update = update(tf, model, rowSums);
  }

  private Update update(Ops tf, TextClassifier model, RowSums rowSums) {
    Placeholder<TFloat32> learningRate = tf.placeholder(TFloat32.class);
    Placeholder<TInt64> number = tf.placeholder(TInt64.class);
    Placeholder<TFloat32> count = tf.placeholder(TFloat32.class);
    AdamStep adam = AdamStep.of(tf, learningRate, number);
    LazyAdam.RowGradients means = rowSums.means(tf, count);
    Op rowUpdate =
        LazyAdam.create(tf, model.embedding().rows()).update(tf, means.withoutZeros(tf), adam);
    Op reset = rowSums.reset(tf, means);
    DenseAdam optimizer = DenseAdam.create(tf, model.denseVariables());
    Op denseUpdate =
        accumulation.update(
            tf, gradients -> optimizer.update(tf, DenseGradients.unpaired(gradients), adam));
    Op op = tf.withControlDependencies(List.of(rowUpdate, reset, denseUpdate)).noOp();
    return new Update(learningRate, number, count, rowSums.ids(), op);
  }

  @Override
  public Outcome run(Session session, Batch batch, Place at) {
    place = at;
    batches++;
    RowSums.note(seen, batch.ngrams());
    try (TFloat32 delta = TFloat32.scalarOf((float) at.delta());
        TInt64 number = TInt64.scalarOf(at.number());
        Result result =
            inputs
                .feeds()
                .feed(session.runner(), batch)
                .feed(inputs.delta(), delta)
                .feed(inputs.number(), number)
                .addTarget(addRows)
                .fetch(loss)
                .fetch(finished)
                .fetch(accumulation.steps())
                .fetch(accumulation.windowComplete())
                .run()) {
      if (((TBool) result.get(3)).getBoolean()) {
        update(session);
      }
      return new Outcome(
          ((TFloat32) result.get(0)).getFloat(),
          ((TInt64) result.get(1)).getLong(),
          Math.toIntExact(((TInt64) result.get(2)).getLong()));
    }
  }

  /** A window that the end of the epoch cuts short is a step of the batches it has. */
  @Override
  public void finishEpoch(Session session) {
    if (batches > 0) {
      update(session);
    }
  }

  private void update(Session session) {
    updates++;
    try (TFloat32 rate = TFloat32.scalarOf((float) place.learningRate());
        TInt64 number = TInt64.scalarOf(updates);
        TFloat32 count = TFloat32.scalarOf(batches);
        TInt32 ngrams = Feeds.vector(seen.stream().toArray())) {
      session
          .runner()
          .feed(update.learningRate, rate)
          .feed(update.number, number)
          .feed(update.batches, count)
          .feed(update.ngrams, ngrams)
          .addTarget(update.op)
          .run()
          .close();
    }
    seen.clear();
    batches = 0;
  }
}
