package org.adaptivesoftmax.training;

import java.util.Arrays;
import org.adaptivesoftmax.model.LanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.Lstm;
import org.adaptivesoftmax.training.Feeds.CarriedState;
import org.adaptivesoftmax.training.TokenStream.Window;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** A language model's log-probability of each word of a text, as part of a graph. Windows may have any length. */
final class Evaluation {
  private final LanguageModelConfiguration configuration;
  private final int batch;
  private final Feeds feeds;
  private final Operand<TFloat32> logProbs;
  private final Lstm.State last;

  @SuppressWarnings("unchecked") // The model is float32, and so is what its output layer gives.
  Evaluation(Ops tf, LanguageModel model, int batch) {
    Ops scope = tf.withSubScope("evaluation");
    this.configuration = model.configuration();
    this.batch = batch;
    feeds = Feeds.create(scope, batch, configuration.hidden());
    Lstm.Pass pass = model.recur(scope, model.embed(scope, feeds.inputs()), feeds.initial(), batch);
    logProbs =
        (Operand<TFloat32>)
            model.output().call(scope, model.rows(scope, pass), feeds.targets()).output();
    last = pass.last();
  }

  /**
   * The perplexity of a text, every word counted once.
   *
   * @param stream in as many parallel streams as this evaluation's batch
   */
  Perplexity run(Session session, TokenStream stream) {
    Perplexity.Sum sum = new Perplexity.Sum(configuration.plan());
    CarriedState state = CarriedState.zero(batch, configuration.hidden());
    try {
      for (int index = 0; index < stream.evaluationWindows(); index++) {
        CarriedState next = add(session, stream.evaluationWindow(index), state, sum);
        state.close();
        state = next;
      }
    } finally {
      state.close();
    }
    return sum.perplexity();
  }

  private CarriedState add(Session session, Window window, CarriedState state, Perplexity.Sum sum) {
    // A place without a target is scored as if its word were 0, and the score is left out.
    int[] scored = Arrays.stream(window.targets()).map(word -> Math.max(word, 0)).toArray();
    try (TInt32 inputs = Feeds.vector(window.inputs());
        TInt32 targets = Feeds.vector(scored)) {
      Result result =
          feeds
              .feed(session.runner(), inputs, targets, state)
              .fetch(logProbs)
              .fetch(last.hidden())
              .fetch(last.cell())
              .run();
      float[] values = new float[scored.length];
      try (Tensor tensor = result.get(0)) {
        tensor.asRawTensor().data().asFloats().read(values);
      }
      for (int i = 0; i < values.length; i++) {
        if (window.targets()[i] != TokenStream.NO_TARGET) {
          sum.add(window.targets()[i], values[i]);
        }
      }
      return CarriedState.of(result.get(1), result.get(2));
    }
  }
}
