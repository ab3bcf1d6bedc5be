package org.adaptivesoftmax.training;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.model.LanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.ModelWeights;
import org.adaptivesoftmax.training.Checkpoints.Checkpoint;
import org.adaptivesoftmax.training.Feeds.CarriedState;
import org.adaptivesoftmax.training.TrainingListener.Epoch;
import org.adaptivesoftmax.training.TrainingListener.Step;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.types.TFloat32;

/**
 * Trains a language model in a graph and a session of its own. The same configuration, text and number of threads give
 * the same weights, whether training was interrupted and resumed from a checkpoint or not.
 */
public final class LanguageModelTrainer implements AutoCloseable {
  final LanguageModelConfiguration configuration;
  final TrainingConfiguration training;
  private final LanguageModelText text;
  private final Graph graph = new Graph();
  final Session session;
  final TrainingStep step;
  private final LanguageModel model;
  private final Evaluation evaluation;
  private final Replica replica;
  private final @Nullable Agreement agreement;
  private final @Nullable TailTasks tails;
  final TokenStream stream;
  private final long totalSteps;
  private int epochsDone;
  private boolean othersLost;
  private boolean agreed;

  /** Optimizer steps, which Adam's bias is corrected by; those before the weights that it started from included. */
  private long stepsDone;

  /** Of what does not learn; null if there are none. */
  private @Nullable AdamMoments before;

  /**
   * Builds the graph and gives every variable its starting value.
   *
   * @throws IllegalArgumentException if the text is shorter than one window, or holds an id that is no word
   */
  public LanguageModelTrainer(
      LanguageModelConfiguration configuration,
      TrainingConfiguration training,
      LanguageModelText text) {
    this(configuration, training, text, Learning.WHOLE_MODEL, Replica.ALONE, Session::new);
  }

  /**
   * A training that learns together with others, of the same configuration and text, in processes of their own. With N of
   * them, what is learned is what one with N times the batch would learn, except for dropout, whose choices differ.
   *
   * @param training with the batch of this replica alone
   * @param replica its place among all
   * @param sessions opens the session, on a TensorFlow that reaches the others; the trainer closes it, unless the others
   *     were lost: then closing might never end, and so the process should
   * @throws IllegalArgumentException as above
   */
  public static LanguageModelTrainer replica(
      LanguageModelConfiguration configuration,
      TrainingConfiguration training,
      LanguageModelText text,
      Replica replica,
      Function<Graph, Session> sessions) {
    return new LanguageModelTrainer(
        configuration, training, text, Learning.WHOLE_MODEL, replica, sessions);
  }

  private LanguageModelTrainer(
      LanguageModelConfiguration configuration,
      TrainingConfiguration training,
      LanguageModelText text,
      Learning learning,
      Replica replica,
      Function<Graph, Session> sessions) {
    text.requireWithin(configuration.vocabulary());
    replica.tails().requireOf(configuration.plan());
    this.configuration = configuration;
    this.training = training;
    this.text = text;
    this.replica = replica;
    this.stream = stream(text.train());
    this.totalSteps = (long) stream.trainingWindows() * training.epochs();
    Ops tf = Ops.create(graph);
    this.model = LanguageModel.create(tf, configuration, replica::deviceOf);
    Exchange exchange = new Exchange(replica);
    this.step = new TrainingStep(graph, model, training, learning, exchange);
    this.evaluation = new Evaluation(tf, model, training.batch());
    this.agreement =
        replica.needsOthers()
            ? Agreement.create(tf, replica, exchange, configuration.plan())
            : null;
    this.tails =
        replica.hasTailTasks() ? TailTasks.create(tf, replica, List.copyOf(variables())) : null;
    this.session = sessions.apply(graph);
    session.initialize();
  }

  /**
   * Goes on with a model that has learned before.
   *
   * @param weights to start from
   * @param training as above; its epochs do not count, as {@link #trainSteps} says how many steps are made
   * @param learning what is to learn
   * @throws IllegalArgumentException as above
   */
  public static LanguageModelTrainer startingFrom(
      ModelWeights weights,
      TrainingConfiguration training,
      LanguageModelText text,
      Learning learning) {
    LanguageModelTrainer trainer =
        new LanguageModelTrainer(
            weights.configuration(), training, text, learning, Replica.ALONE, Session::new);
    try {
      weights.assign(trainer.session, trainer.model);
      return trainer;
    } catch (Throwable failure) {
      trainer.close();
      throw failure;
    }
  }

  /**
   * Goes on with a model and its optimizer: a training that is broken off and goes on so gives the weights of one that is not.
   *
   * @param weights to start from
   * @param moments of these weights
   * @param training as above
   * @param learning what is to learn
   * @throws IllegalArgumentException as above, or if the moments are of another model
   */
  public static LanguageModelTrainer startingFrom(
      ModelWeights weights,
      AdamMoments moments,
      TrainingConfiguration training,
      LanguageModelText text,
      Learning learning) {
    moments.requireOf(weights.configuration());
    LanguageModelTrainer trainer = startingFrom(weights, training, text, learning);
    try {
      moments.first().assign(trainer.session, trainer.moments(Moments::first));
      moments.second().assign(trainer.session, trainer.moments(Moments::second));
      trainer.stepsDone = moments.steps();
      trainer.before = moments;
      return trainer;
    } catch (Throwable failure) {
      trainer.close();
      throw failure;
    }
  }

  /** What a training changes. */
  public enum Learning {
    /** Every variable. */
    WHOLE_MODEL,
    /** The output layer; embedding and recurrent part stay as they are. */
    OUTPUT_LAYER
  }

  /** Number of epochs done, those before the checkpoint that was resumed from included. */
  public int epochsDone() {
    return epochsDone;
  }

  /**
   * Whether a directory holds a checkpoint.
   *
   * @throws IllegalStateException if Jackson ({@code jackson-databind}), an optional dependency of this library, is not
   *     on the class path
   * @throws IOException if it cannot be read
   */
  public static boolean hasCheckpoint(Path checkpoints) throws IOException {
    return new Checkpoints(checkpoints).latest().isPresent();
  }

  /**
   * Deletes a directory of checkpoints, if there is one: a process that is killed meanwhile leaves none that is half deleted.
   *
   * @throws IllegalStateException as above
   * @throws IOException if it cannot be deleted
   */
  public static void deleteCheckpoints(Path checkpoints) throws IOException {
    new Checkpoints(checkpoints).delete();
  }

  /**
   * Goes on from the latest checkpoint of a directory, if there is any.
   *
   * @return whether there was one
   * @throws IllegalArgumentException if it comes from another configuration or text
   * @throws IllegalStateException if Jackson is not on the class path
   * @throws IOException if it cannot be read
   */
  public boolean resume(Path checkpoints) throws IOException {
    Optional<Checkpoint> latest = new Checkpoints(checkpoints).latestOf(state());
    if (latest.isEmpty()) {
      return false;
    }
    Checkpoint checkpoint = latest.get();
    if (tails == null) {
      checkpoint.restore(session);
    } else {
      tails.saver().restore(session, checkpoint.prefix());
    }
    epochsDone = latest.get().state().epochsDone();
    stepsDone = latest.get().step();
    return true;
  }

  /**
   * Trains the epochs that are left, each followed by a validation and a checkpoint.
   *
   * @param checkpoints where checkpoints are kept, if at all
   * @throws IllegalStateException if they are kept and Jackson is not on the class path
   * @throws InterruptedException if the thread is interrupted; what was learned since the last checkpoint is lost
   * @throws IOException if a checkpoint cannot be written
   * @throws ArithmeticException if the loss is no longer finite
   */
  public void train(Optional<Path> checkpoints, TrainingListener listener)
      throws IOException, InterruptedException {
    Optional<Checkpoints> kept =
        replica.isFirst() ? checkpoints.map(Checkpoints::new) : Optional.empty();
    if (agreement != null && !agreed) {
      agreed = unlessLost(() -> agreement.require(session, state()));
    }
    while (epochsDone < training.epochs()) {
      Epoch epoch = trainEpoch(epochsDone + 1, listener);
      epochsDone++;
      listener.epochDone(epoch);
      if (kept.isPresent()) {
        kept.get().save(this::save, epoch.step(), state());
      }
    }
  }

  private Epoch trainEpoch(int epoch, TrainingListener listener) throws InterruptedException {
    int windows = stream.trainingWindows();
    int words = words();
    long before = (long) (epoch - 1) * windows;
    long start = System.nanoTime();
    double lossSum = run(epoch, before, windows, totalSteps, listener);
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Epoch(
        epoch,
        before + windows,
        lossSum / windows,
        evaluate(text.validation()),
        (double) words * windows / seconds);
  }

  /**
   * Trains so many steps, whatever the epochs of the configuration: from the start of the text, and over again if it is shorter.
   * The learning rate goes its whole way in them.
   *
   * @param steps at least 1
   * @throws IllegalArgumentException if there are fewer
   * @throws InterruptedException if the thread is interrupted
   * @throws ArithmeticException if the loss is no longer finite
   */
  public void trainSteps(int steps, TrainingListener listener) throws InterruptedException {
    Require.argument(steps >= 1, "steps must be at least 1: %s", steps);
    int windows = stream.trainingWindows();
    for (int done = 0; done < steps; done += windows) {
      run(1 + done / windows, done, Math.min(windows, steps - done), steps, listener);
    }
  }

  /**
   * Trains on the first windows of the text.
   *
   * @param before steps made before
   * @param total steps of the whole training
   * @return the sum of the losses
   */
  private double run(int epoch, long before, int windows, long total, TrainingListener listener)
      throws InterruptedException {
    int words = words();
    double lossSum = 0;
    CarriedState state = CarriedState.zero(training.batch(), configuration.hidden());
    try {
      for (int window = 0; window < windows; window++) {
        long number = before + window + 1;
        if (Thread.interrupted()) {
          throw new InterruptedException("interrupted in step " + number);
        }
        double rate = training.learningRate().at(number, total);
        TrainingStep.Outcome outcome =
            run(stream.trainingWindow(window), state, rate, stepsDone + 1);
        stepsDone++;
        state.close();
        state = outcome.state();
        requireFinite(outcome.loss(), number);
        lossSum += outcome.loss();
        listener.stepDone(
            new Step(epoch, number, total, words, outcome.loss(), rate, outcome.gradientNorm()));
      }
    } finally {
      state.close();
    }
    return lossSum;
  }

  private static void requireFinite(double loss, long step) {
    if (!Double.isFinite(loss)) {
      throw new ArithmeticException("the loss of step %d is %s".formatted(step, loss));
    }
  }

  /**
   * Writes every variable, so that a clean graph of the same model can restore its own.
   *
   * @param prefix of the files; their directory must exist, and all tail tasks see it
   */
  public void save(Path prefix) {
    if (tails == null) {
      session.save(prefix.toString());
    } else {
      tails.saver().save(session, prefix);
    }
  }

  /**
   * Lets the tail tasks end, if there are any: nothing may be asked of the model any more. For the first replica to call, when
   * all is done.
   */
  public void releaseTailTasks() {
    if (tails != null) {
      unlessLost(() -> tails.release(session));
    }
  }

  /** The values of the model's variables, as they are now. */
  public ModelWeights weights() {
    return ModelWeights.read(session, model);
  }

  /** What the optimizer remembers, as it is now: of variables that do not learn what it started from, or zeros. */
  public AdamMoments moments() {
    return new AdamMoments(
        stepsDone,
        all(before == null ? null : before.first(), moments(Moments::first)),
        all(before == null ? null : before.second(), moments(Moments::second)));
  }

  private ModelWeights all(
      @Nullable ModelWeights untrained, Map<String, Variable<TFloat32>> variables) {
    Map<String, float[]> values = new LinkedHashMap<>();
    ModelWeights.variables(model)
        .forEach(
            (name, variable) ->
                values.put(
                    name,
                    untrained == null
                        ? new float[Math.toIntExact(variable.shape().size())]
                        : untrained.values().get(name)));
    values.putAll(ModelWeights.read(session, configuration, variables).values());
    return ModelWeights.of(configuration, values);
  }

  /** The variables of one moment, by the names of the variables that learn. */
  private Map<String, Variable<TFloat32>> moments(Function<Moments, Variable<TFloat32>> chosen) {
    Map<String, Variable<TFloat32>> variables = new LinkedHashMap<>();
    ModelWeights.variables(model)
        .forEach(
            (name, variable) ->
                step.slots().stream()
                    .filter(slot -> slot.variable().op().name().equals(variable.op().name()))
                    .forEach(slot -> variables.put(name, chosen.apply(slot.moments()))));
    return variables;
  }

  /** The graph that trains, as it is now; no step changes it. */
  public GraphDef graphDef() {
    return graph.toGraphDef();
  }

  /** The perplexity of a text of word ids, every word counted once. */
  public Perplexity evaluate(int[] words) {
    Perplexity own = evaluation.run(session, stream(words));
    return agreement == null ? own : unlessLost(() -> agreement.sum(session, own));
  }

  private TokenStream stream(int[] words) {
    return TokenStream.ofReplica(
        words, text.boundary(), training.batch(), training.steps(), replica);
  }

  /** Words of a step, of all replicas. */
  private int words() {
    return training.batch() * training.steps() * replica.count();
  }

  private TrainingStep.Outcome run(
      TokenStream.Window window, CarriedState state, double rate, long number) {
    return unlessLost(() -> step.run(session, window, state, rate, number));
  }

  /** Runs what waits for the others. */
  private <V> V unlessLost(Supplier<V> run) {
    try {
      return run.get();
    } catch (TensorFlowException e) {
      othersLost = replica.needsOthers();
      throw e;
    }
  }

  /** The perplexity that word frequencies alone reach on the validation text. */
  public Perplexity unigramBaseline() {
    return Perplexity.ofUnigrams(configuration.plan(), text.train(), text.validation());
  }

  private TrainingState state() {
    return TrainingState.ofLanguageModel(
        epochsDone, configuration, training.times(replica.count()), text);
  }

  /** The model's variables, and those of the optimizer that this process runs. */
  private List<Variable<TFloat32>> variables() {
    List<Variable<TFloat32>> variables = new ArrayList<>(ModelWeights.variables(model).values());
    for (DenseAdam.Slot slot : step.slots()) {
      variables.add(slot.moments().first());
      variables.add(slot.moments().second());
    }
    return variables;
  }

  @Override
  public void close() {
    if (othersLost) {
      return;
    }
    try (graph;
        session) {
      // Closed in this order: the session first.
    }
  }
}
