package org.adaptivesoftmax.training;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.model.TextClassifier;
import org.adaptivesoftmax.training.ClassifierFeeds.Batch;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.framework.losses.Loss;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/** One optimizer step of a classifier: loss, gradients and updates, as part of a graph. */
final class ClassifierStep {
  private static final int INPUT_DROPOUT = 1;
  private static final int HIDDEN_DROPOUT = 2;

  private final ClassifierFeeds feeds;
  private final Placeholder<TFloat32> learningRate;
  private final Placeholder<TInt64> number;
  private final Operand<TFloat32> loss;
  private final Op update;

  /**
   * @param meanLoss the mean of the rows' losses
   */
  ClassifierStep(Graph graph, TextClassifier model, Loss meanLoss) {
    Ops tf = Ops.create(graph).withSubScope("training");
    feeds = ClassifierFeeds.create(tf);
    learningRate = tf.placeholder(TFloat32.class);
    number = tf.placeholder(TInt64.class);
    Operand<TFloat32> embedded = model.embed(tf, feeds.ngrams());
    loss = meanLoss.call(tf, feeds.classes(), logits(tf, model, embedded), null);
    update = update(graph, tf, model, embedded);
  }

  private Operand<TFloat32> logits(Ops tf, TextClassifier model, Operand<TFloat32> embedded) {
    StatelessDropout dropout =
        new StatelessDropout(model.configuration().dropout(), model.configuration().seed(), number);
    Operand<TFloat32> pooled = model.pool(tf, embedded, feeds.texts(), feeds.batch(tf));
    Operand<TFloat32> hidden =
        model.hidden(tf, dropout.mask(tf, pooled, INPUT_DROPOUT).apply(tf, pooled));
    return model.logits(tf, dropout.mask(tf, hidden, HIDDEN_DROPOUT).apply(tf, hidden));
  }

  @SuppressWarnings("unchecked") // addGradients gives each gradient the type of what it is for.
  private Op update(Graph graph, Ops tf, TextClassifier model, Operand<TFloat32> embedded) {
    List<Variable<TFloat32>> dense = model.denseVariables();
    List<Output<?>> sources = new ArrayList<>(List.of(embedded.asOutput()));
    dense.forEach(variable -> sources.add(variable.asOutput()));
    Output<?>[] found = graph.addGradients(loss.asOutput(), sources.toArray(new Output<?>[0]));
    List<Operand<TFloat32>> gradients = new ArrayList<>();
    for (Output<?> gradient : found) {
      gradients.add((Output<TFloat32>) gradient);
    }
    // Updates are in place: none may begin while a gradient still reads a variable.
    Operand<TFloat32> rate =
        tf.withControlDependencies(List.copyOf(gradients)).identity(learningRate);
    AdamStep adam = AdamStep.of(tf, rate, number);
    LazyAdam.RowGradients rows = LazyAdam.sumDuplicates(tf, feeds.ngrams(), gradients.get(0));
    Op rowUpdate = LazyAdam.create(tf, model.embedding().rows()).update(tf, rows, adam);
    Op denseUpdate =
        DenseAdam.create(tf, dense).update(tf, gradients.subList(1, gradients.size()), adam);
    return tf.withControlDependencies(List.of(rowUpdate, denseUpdate)).noOp();
  }

  /**
   * Runs one step, and gives the mean loss of the batch's examples.
   *
   * @param rate the learning rate
   * @param step the step's number, from 1 on
   */
  double run(Session session, Batch batch, double rate, long step) {
    try (TFloat32 rateTensor = TFloat32.scalarOf((float) rate);
        TInt64 stepTensor = TInt64.scalarOf(step);
        Result result =
            feeds
                .feed(session.runner(), batch)
                .feed(learningRate, rateTensor)
                .feed(number, stepTensor)
                .addTarget(update)
                .fetch(loss)
                .run()) {
      return ((TFloat32) result.get(0)).getFloat();
    }
  }
}
