package org.adaptivesoftmax.training;

import java.util.ArrayList;
import java.util.Collections;
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
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
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
  private final List<DenseAdam.Slot> slots = new ArrayList<>();

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

  /**
   * What a step updates with.
   *
   * @param loss the mean over all replicas
   * @param gradients likewise, of the variables that this replica updates
   * @param halfSquares Σ g² / 2 of every mean gradient, also of those that another replica updates with
   * @param sent what another replica waits for
   */
  private record Exchanged(
      Operand<TFloat32> loss,
      StepGradients gradients,
      List<Operand<TFloat32>> halfSquares,
      List<Op> sent) {}

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
    StepGradients own =
        learning == Learning.OUTPUT_LAYER
            ? ofOutputLayer(model, found)
            : ofWholeModel(tf, model, words, window, found, training.precision());
    Exchanged exchanged = exchanged(tf, exchange, ownLoss, own, batch * training.steps());
    loss = exchanged.loss;
    GlobalNorm globalNorm =
        GlobalNorm.ofHalfSquares(tf.withSubScope("clip"), exchanged.halfSquares);
    norm = globalNorm.norm();
    List<Op> updates =
        updates(tf, model, exchanged.gradients, globalNorm, (float) training.clipNorm());
    updates.addAll(exchanged.sent);
    if (replica.hasOthers() && replica.hasTailTasks()) {
      // No replica reads weights of a tail task before the first has updated them.
      updates.add(exchange.barrier(tf, List.copyOf(updates)));
    }
    update = tf.withControlDependencies(updates).noOp();
  }

  /** What this replica gets from all others. */
  private static Exchanged exchanged(
      Ops tf, Exchange exchange, Operand<TFloat32> ownLoss, StepGradients own, int rows) {
    Replica replica = exchange.replica();
    Ops clip = tf.withSubScope("clip");
    if (!replica.hasOthers()) {
      return new Exchanged(ownLoss, own, GlobalNorm.halfSquares(clip, own.all()), List.of());
    }
    StepGradients held = own.where(variable -> !replica.hasOnTailTask(variable));
    List<Operand<TFloat32>> means = held.meansWith(tf, exchange, ownLoss);
    Operand<TFloat32> loss = means.get(means.size() - 1);
    StepGradients mean = held.exchanged(tf, exchange, means, rows);
    List<Operand<TFloat32>> halfSquares = GlobalNorm.halfSquares(clip, mean.all());
    if (!replica.hasTailTasks()) {
      return new Exchanged(loss, mean, halfSquares, List.of());
    }
    TailGradients tails = TailGradients.of(tf, replica, own.where(replica::hasOnTailTask));
    halfSquares.add(exchange.sum(tf, tails.halfSquares(clip)));
    return new Exchanged(
        loss, mean.with(tails.variables(), tails.means()), halfSquares, tails.sent());
  }

  /** The updates of the variables, with clipped gradients. */
  private List<Op> updates(
      Ops tf, LanguageModel model, StepGradients gradients, GlobalNorm globalNorm, float limit) {
    Ops clip = tf.withSubScope("clip");
    Operand<TFloat32> scale = globalNorm.scale(clip, limit);
    AdamStep adam = AdamStep.of(tf, learningRate, number);
    List<Op> updates = new ArrayList<>();
    if (gradients.rows() != null) {
      LazyAdam lazy = LazyAdam.create(tf, model.embedding().rows());
      slots.add(new DenseAdam.Slot(lazy.rows(), lazy.moments()));
      updates.add(lazy.update(tf, gradients.rows().scaled(clip, scale), adam));
    }
    List<Operand<TFloat32>> clipped = new ArrayList<>();
    for (Operand<TFloat32> gradient : gradients.dense()) {
      clipped.add(GlobalNorm.scaled(clip, gradient, scale));
    }
    DenseAdam dense = DenseAdam.create(tf, gradients.variables());
    slots.addAll(dense.slots());
    updates.add(dense.update(tf, clipped, adam));
    return updates;
  }

  /** The variables that a step changes, each with its moments. */
  List<DenseAdam.Slot> slots() {
    return Collections.unmodifiableList(slots);
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

  private static StepGradients ofOutputLayer(LanguageModel model, List<Output<?>> found) {
    return new StepGradients(
        null, List.copyOf(model.output().parameters().values()), ofVariables(found));
  }

  /** Goes on from the output layer through the LSTM by {@link LstmGradient}. */
  @SuppressWarnings("unchecked") // addGradients gives each gradient the type of what it is by.
  private static StepGradients ofWholeModel(
      Ops tf,
      LanguageModel model,
      WindowWords words,
      LstmWindow window,
      List<Output<?>> found,
      ComputePrecision precision) {
    LstmGradient lstm = LstmGradient.of(tf, window, (Output<TFloat32>) found.get(0), precision);
    List<Operand<TFloat32>> dense = new ArrayList<>(List.of(lstm.weights(), lstm.bias()));
    dense.addAll(ofVariables(found));
    return new StepGradients(words.gradients(tf, lstm.input()), model.denseVariables(), dense);
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
