package org.adaptivesoftmax.training;

import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.adaptivesoftmax.assoftmax.AdaptiveGradientAccumulation;
import org.adaptivesoftmax.model.EncoderClassifier;
import org.adaptivesoftmax.training.ClassifierStep.Place;
import org.adaptivesoftmax.training.EncoderFeeds.Batch;
import org.jspecify.annotations.Nullable;
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

/** AS-Speed: an optimizer step for a window of batches, which grows as examples are finished. */
final class AccumulatingEncoderStep implements EncoderStep {
  private final EncoderInputs inputs;
  private final EncoderReport report;
  private final AdaptiveGradientAccumulation accumulation;
  private final Placeholder<TFloat32> batchCount;
  private final @Nullable RowSums rowSums;
  private final Op addRows;
  private final Op update;
  private final EncoderUpdate step;

  /** The words that the present window looked up. */
  private final BitSet seen = new BitSet();

  private Place place = new Place(0, 0, 1);
  private int batches;
  private long updates;

  AccumulatingEncoderStep(Graph graph, EncoderClassifier model, EncoderTraining training) {
    Ops tf = Ops.create(graph).withSubScope("training");
    inputs = EncoderInputs.create(tf);
    EncoderBackward backward = EncoderBackward.of(graph, tf, model, training, inputs);
    report = EncoderReport.of(tf, backward.loss());
    batchCount = tf.placeholder(TFloat32.class);
    LazyAdam.RowGradients rows = backward.rows();
    rowSums = rows == null ? null : RowSums.create(tf, model.encoder().words());
    addRows = rows == null || rowSums == null ? tf.noOp() : rowSums.add(tf, rows);
    accumulation =
        AdaptiveGradientAccumulation.create(
            Ops.create(graph),
            training.loss().accumulation(),
            Objects.requireNonNull(backward.loss().unfinished(), "AS-Speed needs AS-Softmax"),
            DenseGradients.paired(backward.dense(), backward.variables()));
    LazyAdam.RowGradients means = rowSums == null ? null : rowSums.means(tf, batchCount);
    Window window = Window.of(tf, model, training.optimizer(), means, backward, accumulation);
    step = window.step;
    Op reset = means == null || rowSums == null ? tf.noOp() : rowSums.reset(tf, means);
    update = tf.withControlDependencies(List.of(window.changed, reset)).noOp();
  }

  /**
   * What the end of a window does.
   *
   * @param step of the optimizer
   * @param changed the step, after which the accumulated gradients are 0 again
   */
  private record Window(EncoderUpdate step, Op changed) {
    static Window of(
        Ops tf,
        EncoderClassifier model,
        EncoderOptimizer optimizer,
        LazyAdam.@Nullable RowGradients means,
        EncoderBackward backward,
        AdaptiveGradientAccumulation accumulation) {
      LazyAdam.RowGradients rows = means == null ? null : means.withoutZeros(tf);
      EncoderUpdate[] made = new EncoderUpdate[1];
      Op changed =
          accumulation.update(
              tf,
              window -> {
                List<Operand<TFloat32>> dense = DenseGradients.unpaired(window);
                made[0] =
                    EncoderUpdate.create(tf, model, optimizer, rows, backward.variables(), dense);
                return made[0].op();
              });
      return new Window(Objects.requireNonNull(made[0]), changed);
    }
  }

  @Override
  public Outcome run(Session session, Batch batch, boolean[] guessed, Place at) {
    place = at;
    batches++;
    RowSums.note(seen, batch.ids());
    try (EncoderInputs.Fed fed = EncoderInputs.Fed.of(at, guessed);
        Result result =
            report
                .fetch(inputs.feed(session.runner(), batch, fed))
                .fetch(accumulation.steps())
                .fetch(accumulation.windowComplete())
                .addTarget(addRows)
                .run()) {
      if (((TBool) result.get(EncoderReport.next() + 1)).getBoolean()) {
        update(session);
      }
      long steps = ((TInt64) result.get(EncoderReport.next())).getLong();
      return EncoderReport.outcome(result, Math.toIntExact(steps));
    }
  }

  /** A window that the end of the epoch cuts short is a step of the batches it has. */
  @Override
  public void finishEpoch(Session session) {
    if (batches > 0) {
      update(session);
    }
  }

  @Override
  public long updates() {
    return updates;
  }

  @Override
  public void resume(long done) {
    updates = done;
  }

  @Override
  public boolean mayPause() {
    return batches == 0;
  }

  private void update(Session session) {
    updates++;
    try (TFloat32 rate = TFloat32.scalarOf((float) place.learningRate());
        TInt64 number = TInt64.scalarOf(updates);
        TFloat32 count = TFloat32.scalarOf(batches);
        TInt32 ids = Feeds.vector(seen.stream().toArray())) {
      Session.Runner runner =
          session
              .runner()
              .feed(step.learningRate(), rate)
              .feed(step.number(), number)
              .addTarget(update);
      if (rowSums != null) {
        runner.feed(rowSums.ids(), ids).feed(batchCount, count);
      }
      runner.run().close();
    }
    seen.clear();
    batches = 0;
  }
}
