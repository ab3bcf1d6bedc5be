package org.adaptivesoftmax.training;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.adaptivesoftmax.assoftmax.DeltaSchedule;
import org.adaptivesoftmax.assoftmax.RowForecast;
import org.adaptivesoftmax.gradient.SparseCrossEntropyGradient;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.model.EncoderClassifier;
import org.adaptivesoftmax.model.EncoderClassifierConfiguration;
import org.adaptivesoftmax.pytorch.PretrainedEncoder;
import org.adaptivesoftmax.text.EncodedExamples;
import org.adaptivesoftmax.training.Checkpoints.Checkpoint;
import org.adaptivesoftmax.training.ClassifierListener.BatchDone;
import org.adaptivesoftmax.training.ClassifierListener.Epoch;
import org.adaptivesoftmax.training.ClassifierListener.RowShares;
import org.adaptivesoftmax.training.ClassifierLoss.Skipping;
import org.adaptivesoftmax.training.ClassifierStep.Place;
import org.adaptivesoftmax.training.EncoderCourse.Sums;
import org.adaptivesoftmax.training.EncoderFeeds.Batch;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;

/**
 * Fine-tunes a text classifier with a pretrained encoder in a graph and a session of its own. The same configuration,
 * examples and number of threads give the same weights, whether training was interrupted and resumed or not.
 */
public final class EncoderTrainer implements AutoCloseable {
  /** How often a checkpoint is made within an epoch. */
  private static final Duration CHECKPOINT_EVERY = Duration.ofMinutes(5);

  private final EncoderClassifierConfiguration configuration;
  private final EncoderTraining training;
  private final EncodedExamples examples;
  private final EncodedExamples validation;
  private final Graph graph = new Graph();
  private final Session session;
  private final EncoderStep step;
  private final EncoderEvaluation evaluation;
  private final BestWeights best;
  private final OutputTemperature temperature;
  private final StoredValues forecastState;
  private final RowForecast forecast;
  private final long total;
  private final DeltaSchedule deltas;
  private EncoderCourse course = EncoderCourse.START;

  /**
   * Builds the graph and gives the encoder its pretrained values.
   *
   * @param configuration of the classifier
   * @param pretrained the encoder
   * @param training how it is trained
   * @param examples what it learns from, at least one
   * @param validation what it is judged by after each epoch, at least one
   * @throws IllegalArgumentException if the encoder is not the configuration's, there are no examples, or there are fewer
   *     layers than are to be frozen
   * @throws IOException if the encoder cannot be read
   */
  public EncoderTrainer(
      EncoderClassifierConfiguration configuration,
      PretrainedEncoder pretrained,
      EncoderTraining training,
      EncodedExamples examples,
      EncodedExamples validation)
      throws IOException {
    requireFit(configuration, training, examples, validation);
    this.configuration = configuration;
    this.training = training;
    this.examples = examples;
    this.validation = validation;
    long batches = (examples.size() + training.batch() - 1L) / training.batch();
    total = batches * training.epochs();
    deltas = training.loss().deltas(total);
    SparseCrossEntropyGradient.register();
    session = new Session(graph);
    try {
      Ops tf = Ops.create(graph);
      EncoderClassifier model = EncoderClassifier.create(tf, configuration);
      session.initialize();
      pretrained.load(session, model.encoder());
      step = EncoderStep.create(graph, model, training);
      evaluation = new EncoderEvaluation(tf, model, training.loss().lastLoss());
      best = BestWeights.create(tf, model.variables());
      temperature = OutputTemperature.create(tf, model.output());
      int known = speculates() ? examples.size() : 0;
      forecast = new RowForecast(known);
      forecastState = StoredValues.create(tf, "row_forecast", RowForecast.stateSize(known));
      session.initialize();
    } catch (Throwable failure) {
      close();
      throw failure;
    }
  }

  private static void requireFit(
      EncoderClassifierConfiguration configuration,
      EncoderTraining training,
      EncodedExamples examples,
      EncodedExamples validation) {
    Require.argument(examples.size() > 0, "examples must not be empty");
    Require.argument(validation.size() > 0, "validation must not be empty");
    Require.argument(
        training.frozenLayers() <= configuration.encoder().layers(),
        "frozenLayers must be at most the encoder's %d: %d",
        configuration.encoder().layers(),
        training.frozenLayers());
  }

  private boolean speculates() {
    return training.loss().skipping() == Skipping.SPECULATIVE;
  }

  /**
   * Whether a directory holds a checkpoint.
   *
   * @throws IllegalStateException if Jackson is not on the class path
   * @throws IOException if it cannot be read
   */
  public static boolean hasCheckpoint(Path checkpoints) throws IOException {
    return new Checkpoints(checkpoints).latest().isPresent();
  }

  /**
   * Goes on from the latest checkpoint of a directory, if there is any.
   *
   * @return whether there was one
   * @throws IllegalArgumentException if it is one of another training
   * @throws IllegalStateException if Jackson is not on the class path
   * @throws IOException if it cannot be read
   */
  public boolean resume(Path checkpoints) throws IOException {
    Optional<Checkpoint> latest = new Checkpoints(checkpoints).latestOf(state());
    if (latest.isEmpty()) {
      return false;
    }
    latest.get().restore(session);
    course = latest.get().state().course(EncoderCourse.class);
    step.resume(course.updates());
    forecast.restore(forecastState.read(session));
    return true;
  }

  /** The epochs that are done, those before a checkpoint that was resumed from included. */
  public List<Epoch> epochs() {
    return course.epochs();
  }

  /**
   * Trains until the epochs are done or validation has not improved for as long as {@link EncoderTraining#patience}, and goes
   * back to the weights of the best epoch.
   *
   * @param checkpoints where checkpoints are kept, if at all: after each epoch, and within one every five minutes
   * @param listener hears of each batch and epoch
   * @return the best epoch: the first of those with the highest validation accuracy
   * @throws InterruptedException if the thread is interrupted; what was learned since the last checkpoint is lost
   * @throws IllegalStateException if checkpoints are kept and Jackson is not on the class path
   * @throws IOException if a checkpoint cannot be written
   * @throws ArithmeticException if the loss is no longer finite
   */
  public Epoch train(Optional<Path> checkpoints, ClassifierListener listener)
      throws InterruptedException, IOException {
    Optional<Checkpoints> kept = checkpoints.map(Checkpoints::new);
    while (course.epochs().size() < training.epochs()
        && course.epochs().size() - course.best() < training.patience()) {
      Epoch epoch = trainEpoch(course.epochs().size() + 1, kept, listener);
      course = course.with(epoch, step.updates());
      if (course.best() == epoch.epoch()) {
        best.keep(session);
      }
      listener.epochDone(epoch);
      save(kept, 0);
    }
    best.restore(session);
    return course.bestEpoch();
  }

  private Epoch trainEpoch(int epoch, Optional<Checkpoints> kept, ClassifierListener listener)
      throws InterruptedException, IOException {
    List<int[]> batches = LengthBatches.of(examples, training.batch(), configuration.seed(), epoch);
    long before = (long) (epoch - 1) * batches.size();
    Sums sums = course.now();
    long saved = System.nanoTime();
    double delta = 1;
    for (int i = sums.batches(); i < batches.size(); i++) {
      long number = before + i + 1;
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted in batch " + number);
      }
      delta = deltas.delta(number - 1);
      Sums next = trainBatch(batches.get(i), number, delta, sums);
      double loss = (next.loss() - sums.loss()) / batches.get(i).length;
      sums = next;
      listener.batchDone(new BatchDone(epoch, number, total, batches.get(i).length, loss));
      if (step.mayPause() && System.nanoTime() - saved > CHECKPOINT_EVERY.toNanos()) {
        course = course.with(sums, step.updates());
        save(kept, sums.batches());
        saved = System.nanoTime();
      }
    }
    step.finishEpoch(session);
    double count = examples.size();
    return new Epoch(
        epoch,
        sums.loss() / count,
        evaluation.run(session, validation),
        new RowShares(sums.finished() / count, sums.guessed() / count, sums.missed() / count),
        sums.steps(),
        training.loss().hasDelta() ? delta : 1,
        sums.seconds());
  }

  private Sums trainBatch(int[] numbers, long number, double delta, Sums sums) {
    long start = System.nanoTime();
    boolean[] guessed = new boolean[numbers.length];
    if (speculates()) {
      guessed = forecast.guess(numbers, delta);
    } else {
      Arrays.fill(guessed, true);
    }
    Place place = new Place(number, training.optimizer().rate().at(number, total), delta);
    EncoderStep.Outcome outcome;
    try (Batch batch = Batch.of(examples, numbers, configuration.padding())) {
      outcome = step.run(session, batch, guessed, place);
    }
    if (!Double.isFinite(outcome.loss())) {
      throw new ArithmeticException("the loss of batch %d is %s".formatted(number, outcome.loss()));
    }
    if (speculates()) {
      forecast.learn(numbers, outcome.margins(), delta);
    }
    return sums.add(outcome, guessed, (System.nanoTime() - start) / 1e9);
  }

  private void save(Optional<Checkpoints> kept, int batchesOfEpoch) throws IOException {
    if (kept.isPresent()) {
      forecastState.write(session, forecast.state());
      long batches = total / training.epochs();
      kept.get().save(session, course.epochs().size() * batches + batchesOfEpoch, state());
    }
  }

  private TrainingState state() {
    return TrainingState.of(
        course.epochs().size(),
        new TreeMap<>(
            Map.of(
                "model",
                configuration,
                "training",
                training,
                "text",
                new TreeMap<>(
                    Map.of("examples", examples.size(), "hash", examples.fingerprint())))),
        course);
  }

  /** The metrics of examples with the present weights. */
  public ClassMetrics evaluate(EncodedExamples of) {
    return evaluation.run(session, of);
  }

  /** The log-probability of every class for each example with the present weights, [examples][classes]. */
  public float[][] logProbs(EncodedExamples of) {
    return evaluation.logProbs(session, of);
  }

  /**
   * Divides the logits by the temperature that makes the labels of the validation examples most probable, in the output layer's
   * weights: no answer changes but its probabilities. For when training is done.
   *
   * @param test what is measured, before and after, at least one
   * @return what it is worth
   */
  public Calibration calibrate(EncodedExamples test) {
    return temperature.calibrate(session, this::logProbs, validation, test);
  }

  /**
   * Writes every variable, so that a clean graph of the same classifier can restore its own.
   *
   * @param prefix of the files; their directory must exist
   */
  public void save(Path prefix) {
    session.save(prefix.toString());
  }

  @Override
  public void close() {
    try (graph;
        session) {
      // Closed in this order: the session first.
    }
  }
}
