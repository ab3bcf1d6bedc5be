package org.adaptivesoftmax.training;

import org.adaptivesoftmax.model.EncoderClassifier;
import org.adaptivesoftmax.training.ClassifierStep.Place;
import org.adaptivesoftmax.training.EncoderFeeds.Batch;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** An optimizer step for each batch. */
final class PlainEncoderStep implements EncoderStep {
  private final EncoderInputs inputs;
  private final EncoderReport report;
  private final EncoderUpdate update;
  private long updates;

  PlainEncoderStep(Graph graph, EncoderClassifier model, EncoderTraining training) {
    Ops tf = Ops.create(graph).withSubScope("training");
    inputs = EncoderInputs.create(tf);
    EncoderBackward backward = EncoderBackward.of(graph, tf, model, training, inputs);
    report = EncoderReport.of(tf, backward.loss());
    update =
        EncoderUpdate.create(
            tf,
            model,
            training.optimizer(),
            backward.rows(),
            backward.variables(),
            backward.dense());
  }

  @Override
  public Outcome run(Session session, Batch batch, boolean[] guessed, Place place) {
    try (EncoderInputs.Fed fed = EncoderInputs.Fed.of(place, guessed);
        TFloat32 rate = TFloat32.scalarOf((float) place.learningRate());
        Result result =
            report
                .fetch(inputs.feed(session.runner(), batch, fed))
                .feed(update.learningRate(), rate)
                .feed(update.number(), fed.number())
                .addTarget(update.op())
                .run()) {
      updates++;
      return EncoderReport.outcome(result, 1);
    }
  }

  @Override
  public void finishEpoch(Session session) {
    // Every batch is in the weights already.
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
    return true;
  }
}
