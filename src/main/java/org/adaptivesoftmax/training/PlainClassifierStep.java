package org.adaptivesoftmax.training;

import java.util.List;
import org.adaptivesoftmax.model.TextClassifier;
import org.adaptivesoftmax.training.ClassifierFeeds.Batch;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/** An optimizer step for each batch. */
final class PlainClassifierStep implements ClassifierStep {
  private final ClassifierInputs inputs;
  private final Placeholder<TFloat32> learningRate;
  private final Operand<TFloat32> loss;
  private final Operand<TInt64> finished;
  private final Op update;

  PlainClassifierStep(Graph graph, TextClassifier model, ClassifierLoss kind) {
    Ops tf = Ops.create(graph).withSubScope("training");
    inputs = ClassifierInputs.create(tf);
    learningRate = tf.placeholder(TFloat32.class);
    ClassifierBackward backward = ClassifierBackward.of(graph, tf, model, kind, inputs);
    loss = backward.loss();
    finished = backward.finished(tf);
    // Updates are in place: none may begin while a gradient still reads a variable.
    Operand<TFloat32> rate =
        tf.withControlDependencies(List.copyOf(backward.gradients())).identity(learningRate);
    AdamStep adam = AdamStep.of(tf, rate, inputs.number());
    update =
        tf.withControlDependencies(
                List.of(
                    LazyAdam.create(tf, model.embedding().rows()).update(tf, backward.rows(), adam),
                    DenseAdam.create(tf, model.denseVariables())
                        .update(tf, backward.dense(), adam)))
            .noOp();
  }

  @Override
  public Outcome run(Session session, Batch batch, Place place) {
    try (TFloat32 rate = TFloat32.scalarOf((float) place.learningRate());
        TFloat32 delta = TFloat32.scalarOf((float) place.delta());
        TInt64 number = TInt64.scalarOf(place.number());
        Result result =
            inputs
                .feeds()
                .feed(session.runner(), batch)
                .feed(learningRate, rate)
                .feed(inputs.delta(), delta)
                .feed(inputs.number(), number)
                .addTarget(update)
                .fetch(loss)
                .fetch(finished)
                .run()) {
      return new Outcome(
          ((TFloat32) result.get(0)).getFloat(), ((TInt64) result.get(1)).getLong(), 1);
    }
  }

  @Override
  public void finishEpoch(Session session) {
    // Every batch is in the weights already.
  }
}
