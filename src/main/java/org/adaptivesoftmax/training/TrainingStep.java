package org.adaptivesoftmax.training;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.loss.LossOptions;
import org.adaptivesoftmax.model.ComputePrecision;
import org.adaptivesoftmax.model.LanguageModel;
import org.adaptivesoftmax.model.Lstm;
import org.adaptivesoftmax.model.LstmWindow;
import org.adaptivesoftmax.training.Feeds.CarriedState;
import org.adaptivesoftmax.training.LanguageModelTrainer.Learning;
import org.adaptivesoftmax.training.TokenStream.Window;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/** One optimizer step of a language model: loss, gradients, clipping and updates, as part of a graph. */
final class TrainingStep {
  private static final int INPUT_DROPOUT = 1;
  private static final int OUTPUT_DROPOUT = 2;

  private final Feeds feeds;
  private final Placeholder<TFloat32> learningRate;
  private final Placeholder<TInt64> number;
  private final Operand<TInt64> echo;
  private final Operand<TFloat32> loss;
  private final Operand<TFloat32> norm;
  private final Lstm.State last;
  private final Op update;

  /**
   * What a step gave.
   *
   * @param loss mean loss of the window's words, in nats
   * @param gradientNorm global norm of the gradients before clipping
   * @param state for the next window; the caller closes it
   */
  record Outcome(double loss, double gradientNorm, CarriedState state) {
    static Outcome of(Result result) {
      try (TFloat32 loss = (TFloat32) result.get(0);
          TFloat32 norm = (TFloat32) result.get(1)) {
        return new Outcome(
            loss.getFloat(), norm.getFloat(), CarriedState.of(result.get(2), result.get(3)));
      }
    }
  }

  /**
   * What one step is fed with.
   *
   * @param inputs word ids, time-major
   * @param targets the word after each
   * @param rate the learning rate
   * @param number the step's number, from 1 on
   */
  record Batch(TInt32 inputs, TInt32 targets, TFloat32 rate, TInt64 number)
      implements AutoCloseable {
    static Batch of(Window window, double rate, long number) {
      return new Batch(
          Feeds.vector(window.inputs()),
          Feeds.vector(window.targets()),
          TFloat32.scalarOf((float) rate),
          TInt64.scalarOf(number));
    }

    @Override
    public void close() {
      inputs.close();
      targets.close();
      rate.close();
      number.close();
    }
  }

  /** The loss's gradient with respect to every trained variable; the embedding's by row, null if it does not learn. */
  private record Gradients(
      LazyAdam.@Nullable RowGradients rows,
      List<Variable<TFloat32>> variables,
      List<Operand<TFloat32>> dense) {
    List<Operand<TFloat32>> all() {
      List<Operand<TFloat32>> all = new ArrayList<>(dense);
      if (rows != null) {
        all.add(rows.values());
      }
      return all;
    }

    /** The means over all replicas of the dense gradients, and last of the loss. */
    List<Operand<TFloat32>> meansWith(Ops tf, Exchange exchange, Operand<TFloat32> loss) {
      List<Operand<TFloat32>> tensors = new ArrayList<>(dense);
      tensors.add(loss);
      List<Shape> shapes = new ArrayList<>();
      variables.forEach(variable -> shapes.add(variable.shape()));
      shapes.add(Shape.scalar());
      return exchange.means(tf, tensors, shapes);
    }

    /**
     * The mean gradients.
     *
     * @param means of the dense ones, and more
     * @param most rows that a replica can have
     */
    Gradients exchanged(Ops tf, Exchange exchange, List<Operand<TFloat32>> means, int most) {
      return new Gradients(
          rows == null ? null : exchange.meanRows(tf, rows, most),
          variables,
          means.subList(0, dense.size()));
    }
  }

  TrainingStep(
      Graph graph,
      LanguageModel model,
      TrainingConfiguration training,
      Learning learning,
      Exchange exchange) {
    Replica replica = exchange.replica();
    Ops tf = Ops.create(graph).withSubScope("training");
    int batch = training.batch();
    feeds = Feeds.create(tf, batch, model.lstm().hidden());
    learningRate = tf.placeholder(TFloat32.class);
    number = tf.placeholder(TInt64.class);
    echo = tf.identity(number);
    StatelessDropout dropout =
        StatelessDropout.of(
            model.configuration().dropout(), model.configuration().seed(), number, replica);

    WindowWords words = WindowWords.of(tf, model, feeds.inputs(), dropout, INPUT_DROPOUT);
    LstmWindow window =
        model
            .lstm()
            .window(tf, words.input(), feeds.initial(), training.steps(), training.precision());
    Operand<TFloat32> rows = window.rows(tf);
    Operand<TFloat32> kept = dropout.mask(tf, rows, OUTPUT_DROPOUT).apply(tf, rows);
    LossOptions plain =
        LossOptions.defaults().training(true).computeType(training.precision().type());
    LossOptions options = training.delta() < 1 ? plain.delta(tf, training.delta()) : plain;
    Operand<TFloat32> ownLoss =
        Precision.cast(
            tf, model.output().call(tf, kept, feeds.targets(), options).loss(), TFloat32.class);
    last = window.last();

    List<Output<?>> found = outputGradients(graph, model, ownLoss, rows);
    Gradients own =
        learning == Learning.OUTPUT_LAYER
            ? ofOutputLayer(model, found)
            : ofWholeModel(tf, model, words, window, found, training.precision());
    Gradients gradients = own;
    if (replica.hasOthers()) {
      List<Operand<TFloat32>> means = own.meansWith(tf, exchange, ownLoss);
      loss = means.get(means.size() - 1);
      gradients = own.exchanged(tf, exchange, means, training.batch() * training.steps());
    } else {
      loss = ownLoss;
    }
    Ops clip = tf.withSubScope("clip");
    GlobalNorm globalNorm = GlobalNorm.of(clip, gradients.all());
    norm = globalNorm.norm();
    Operand<TFloat32> scale = globalNorm.scale(clip, (float) training.clipNorm());
    AdamStep adam = AdamStep.of(tf, learningRate, number);
    List<Op> updates = new ArrayList<>();
    if (gradients.rows() != null) {
      updates.add(
          LazyAdam.create(tf, model.embedding().rows())
              .update(tf, gradients.rows().scaled(clip, scale), adam));
    }
    List<Operand<TFloat32>> clipped = new ArrayList<>();
    for (Operand<TFloat32> gradient : gradients.dense()) {
      clipped.add(GlobalNorm.scaled(clip, gradient, scale));
    }
    updates.add(DenseAdam.create(tf, gradients.variables()).update(tf, clipped, adam));
    update = tf.withControlDependencies(updates).noOp();
  }

  /** The gradient of the output layer's input, then of each of its variables. */
  private List<Output<?>> outputGradients(
      Graph graph, LanguageModel model, Operand<TFloat32> loss, Operand<TFloat32> rows) {
    List<Output<?>> sources = new ArrayList<>(List.of(rows.asOutput()));
    for (Variable<TFloat32> variable : model.output().parameters().values()) {
      sources.add(variable.asOutput());
    }
    return List.of(graph.addGradients(loss.asOutput(), sources.toArray(new Output<?>[0])));
  }

  @SuppressWarnings("unchecked") // addGradients gives each variable's gradient the variable's type.
  private static List<Operand<TFloat32>> ofVariables(List<Output<?>> found) {
    List<Operand<TFloat32>> gradients = new ArrayList<>();
    for (Output<?> gradient : found.subList(1, found.size())) {
      gradients.add((Output<TFloat32>) gradient);
    }
    return gradients;
  }

  private static Gradients ofOutputLayer(LanguageModel model, List<Output<?>> found) {
    return new Gradients(
        null, List.copyOf(model.output().parameters().values()), ofVariables(found));
  }

  /** Goes on from the output layer through the LSTM by {@link LstmGradient}. */
  @SuppressWarnings("unchecked") // addGradients gives each gradient the type of what it is by.
  private static Gradients ofWholeModel(
      Ops tf,
      LanguageModel model,
      WindowWords words,
      LstmWindow window,
      List<Output<?>> found,
      ComputePrecision precision) {
    LstmGradient lstm = LstmGradient.of(tf, window, (Output<TFloat32>) found.get(0), precision);
    List<Operand<TFloat32>> dense = new ArrayList<>(List.of(lstm.weights(), lstm.bias()));
    dense.addAll(ofVariables(found));
    return new Gradients(words.gradients(tf, lstm.input()), model.denseVariables(), dense);
  }

  /**
   * Runs one step.
   *
   * @param rate the learning rate
   * @param step the step's number, from 1 on
   */
  Outcome run(Session session, Window window, CarriedState state, double rate, long step) {
    try (Batch batch = Batch.of(window, rate, step)) {
      return Outcome.of(computing(session, batch, state).run());
    }
  }

  /** A run that is fed with a batch and computes nothing. */
  Session.Runner fedAlone(Session session, Batch batch, CarriedState state) {
    return fed(session, batch, state).fetch(echo);
  }

  private Session.Runner fed(Session session, Batch batch, CarriedState state) {
    return feeds
        .feed(session.runner(), batch.inputs, batch.targets, state)
        .feed(learningRate, batch.rate)
        .feed(number, batch.number);
  }

  /** A run of the step; {@link Outcome#of} reads its result. */
  Session.Runner computing(Session session, Batch batch, CarriedState state) {
    return fed(session, batch, state)
        .addTarget(update)
        .fetch(loss)
        .fetch(norm)
        .fetch(last.hidden())
        .fetch(last.cell());
  }
}
