package org.adaptivesoftmax.training;

import java.nio.file.Path;
import java.util.Random;
import java.util.stream.IntStream;
import org.adaptivesoftmax.assoftmax.DeltaSchedule;
import org.adaptivesoftmax.gradient.SparseCrossEntropyGradient;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.model.TextClassifier;
import org.adaptivesoftmax.model.TextClassifierConfiguration;
import org.adaptivesoftmax.text.EncodedExamples;
import org.adaptivesoftmax.training.ClassifierFeeds.Batch;
import org.adaptivesoftmax.training.ClassifierListener.BatchDone;
import org.adaptivesoftmax.training.ClassifierListener.Epoch;
import org.adaptivesoftmax.training.ClassifierListener.RowShares;
import org.adaptivesoftmax.training.ClassifierStep.Place;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;

/**
 * Trains a text classifier in a graph and a session of its own. The same configuration, examples and number of threads
 * give the same weights.
 */
public final class ClassifierTrainer implements AutoCloseable {
  private final TextClassifierConfiguration configuration;
  private final ClassifierTraining training;
  private final EncodedExamples examples;
  private final EncodedExamples validation;
  private final Graph graph = new Graph();
  private final Session session;
  private final ClassifierStep step;
  private final ClassifierEvaluation evaluation;
  private final BestWeights best;
  private final OutputTemperature temperature;
  private final int[] order;
  private final long total;
  private final DeltaSchedule deltas;
  private Place place = new Place(0, 0, 1);

  /**
   * Builds the graph and gives every variable its starting value.
   *
   * @param configuration of the classifier
   * @param training how it is trained
   * @param examples what it learns from, at least one
   * @param validation what it is judged by after each epoch, at least one
   */
  public ClassifierTrainer(
      TextClassifierConfiguration configuration,
      ClassifierTraining training,
      EncodedExamples examples,
      EncodedExamples validation) {
    Require.argument(examples.size() > 0, "examples must not be empty");
    Require.argument(validation.size() > 0, "validation must not be empty");
    Require.argument(
        training.loss().skipping() != ClassifierLoss.Skipping.SPECULATIVE,
        "skipping must be NONE or TWO_PASS without a pretrained encoder: %s",
        training.loss().skipping());
    this.configuration = configuration;
    this.training = training;
    this.examples = examples;
    this.validation = validation;
    order = IntStream.range(0, examples.size()).toArray();
    int batches = (order.length + training.batch() - 1) / training.batch();
    total = (long) batches * training.epochs();
    deltas = training.loss().deltas(total);
    SparseCrossEntropyGradient.register();
    Ops tf = Ops.create(graph);
    TextClassifier model = TextClassifier.create(tf, configuration);
    step =
        training.loss().accumulate() > 1
            ? new AccumulatingClassifierStep(graph, model, training.loss())
            : new PlainClassifierStep(graph, model, training.loss());
    evaluation = new ClassifierEvaluation(tf, model, training.loss().lastLoss());
    best = BestWeights.create(tf, model.variables());
    temperature = OutputTemperature.create(tf, model.output());
    session = new Session(graph);
    session.initialize();
  }

  /**
   * Trains until the epochs are done or validation has not improved for as long as {@link ClassifierTraining#patience},
   * and goes back to the weights of the best epoch.
   *
   * @param listener hears of each batch and epoch
   * @return the best epoch: the first of those with the highest validation accuracy
   * @throws InterruptedException if the thread is interrupted
   * @throws ArithmeticException if the loss is no longer finite
   */
  public Epoch train(ClassifierListener listener) throws InterruptedException {
    Epoch bestEpoch = trainEpoch(1, listener);
    best.keep(session);
    for (int number = 2;
        number <= training.epochs() && number - bestEpoch.epoch() <= training.patience();
        number++) {
      Epoch epoch = trainEpoch(number, listener);
      if (epoch.validation().accuracy() > bestEpoch.validation().accuracy()) {
        bestEpoch = epoch;
        best.keep(session);
      }
    }
    best.restore(session);
    return bestEpoch;
  }

  private Epoch trainEpoch(int epoch, ClassifierListener listener) throws InterruptedException {
    shuffle(epoch);
    EpochSums sums = new EpochSums();
    long start = System.nanoTime();
    for (int from = 0; from < order.length; from += training.batch()) {
      int to = Math.min(from + training.batch(), order.length);
      long number = place.number() + 1;
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted in batch " + number);
      }
      place =
          new Place(number, training.learningRate().at(number, total), deltas.delta(number - 1));
      ClassifierStep.Outcome outcome;
      try (Batch batch = Batch.of(examples, order, from, to)) {
        outcome = step.run(session, batch, place);
      }
      requireFinite(outcome.loss(), number);
      sums.add(outcome, to - from);
      listener.batchDone(new BatchDone(epoch, number, total, to - from, outcome.loss()));
    }
    step.finishEpoch(session);
    double seconds = (System.nanoTime() - start) / 1e9;
    Epoch done =
        new Epoch(
            epoch,
            sums.loss / order.length,
            evaluation.run(session, validation),
            new RowShares((double) sums.finished / order.length, 1, 0),
            sums.steps,
            training.loss().hasDelta() ? place.delta() : 1,
            seconds);
    listener.epochDone(done);
    return done;
  }

  /** What the batches of an epoch gave. */
  private static final class EpochSums {
    private double loss;
    private long finished;
    private int steps;

    void add(ClassifierStep.Outcome outcome, int examples) {
      loss += examples * outcome.loss();
      finished += outcome.finished();
      steps = outcome.steps();
    }
  }

  /** Fisher and Yates's shuffle, a function of seed, epoch and the order before. */
  private void shuffle(int epoch) {
    Random random = new Random(configuration.seed() * 1_000_003 + epoch);
    for (int last = order.length - 1; last > 0; last--) {
      int other = random.nextInt(last + 1);
      int swapped = order[last];
      order[last] = order[other];
      order[other] = swapped;
    }
  }

  private static void requireFinite(double loss, long batch) {
    if (!Double.isFinite(loss)) {
      throw new ArithmeticException("the loss of batch %d is %s".formatted(batch, loss));
    }
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
