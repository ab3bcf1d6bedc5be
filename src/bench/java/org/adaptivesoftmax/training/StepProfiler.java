package org.adaptivesoftmax.training;

import com.sun.management.ThreadMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.stream.IntStream;
import org.adaptivesoftmax.training.Feeds.CarriedState;
import org.adaptivesoftmax.training.TokenStream.Window;
import org.adaptivesoftmax.training.TrainingStep.Batch;
import org.adaptivesoftmax.training.TrainingStep.Outcome;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.proto.RunOptions;

/**
 * Times a language model's training steps. Each call trains from the start of the text, with the first step's learning
 * rate.
 */
public final class StepProfiler implements AutoCloseable {
  private static final int WARM_UP_STEPS = 10;
  private static final int TRACED_STEPS = 10;
  private static final double NANOS_PER_MS = 1e6;
  private static final double BYTES_PER_KB = 1e3;

  private final Session session;
  private final TrainingStep step;
  private final TokenStream stream;
  private final TrainingConfiguration training;
  private final int hidden;
  private final TimedSteps timed;
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private long number;

  /** Sums over steps, in nanoseconds and bytes. */
  private static final class Sums {
    private long step;
    private long input;
    private long copies;
    private long allocated;
  }

  /**
   * @param trainer whose steps are timed; it stays open
   */
  public StepProfiler(LanguageModelTrainer trainer) {
    this.session = trainer.session;
    this.step = trainer.step;
    this.stream = trainer.stream;
    this.training = trainer.training;
    this.hidden = trainer.configuration.hidden();
    this.timed = new TimedSteps(trainer);
  }

  /** The milliseconds that each of the next steps takes, on average. */
  public double milliseconds(int steps) {
    timed.rewind();
    return IntStream.range(0, steps).mapToDouble(i -> timed.milliseconds()).average().orElseThrow();
  }

  /**
   * Where the time of steps goes.
   *
   * @param steps to run; some more are run before and after
   */
  public StepProfile profile(int steps) {
    run(WARM_UP_STEPS);
    long collections = collectionMs();
    Sums sums = run(steps);
    double collected = collectionMs() - collections;
    return new StepProfile(
        steps,
        sums.step / NANOS_PER_MS / steps,
        new StepProfile.Host(
            sums.input / NANOS_PER_MS / steps,
            sums.copies / NANOS_PER_MS / steps,
            calls(steps) / NANOS_PER_MS / steps,
            collected / steps),
        sums.allocated / BYTES_PER_KB / steps,
        trace().shares());
  }

  private Sums run(int steps) {
    Sums sums = new Sums();
    CarriedState state = CarriedState.zero(training.batch(), hidden);
    try {
      for (int i = 0; i < steps; i++) {
        long allocated = threads.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        Window window = window(i);
        long picked = System.nanoTime();
        try (Batch batch = nextBatch(window)) {
          long copied = System.nanoTime();
          Result result = step.computing(session, batch, state).run();
          long computed = System.nanoTime();
          Outcome outcome = Outcome.of(result);
          state.close();
          state = outcome.state();
          sums.copies += copied - picked + System.nanoTime() - computed;
        }
        sums.input += picked - start;
        sums.step += System.nanoTime() - start;
        sums.allocated += threads.getCurrentThreadAllocatedBytes() - allocated;
      }
    } finally {
      state.close();
    }
    return sums;
  }

  /** Nanoseconds of runs that are fed like a step and compute nothing. */
  private long calls(int steps) {
    long nanos = 0;
    try (Batch batch = nextBatch(window(0));
        CarriedState state = CarriedState.zero(training.batch(), hidden)) {
      for (int i = 0; i < steps; i++) {
        long start = System.nanoTime();
        step.fedAlone(session, batch, state).run().close();
        nanos += System.nanoTime() - start;
      }
    }
    return nanos;
  }

  private StepTrace trace() {
    StepTrace trace = new StepTrace();
    RunOptions traced =
        RunOptions.newBuilder().setTraceLevel(RunOptions.TraceLevel.FULL_TRACE).build();
    try (CarriedState state = CarriedState.zero(training.batch(), hidden)) {
      for (int i = 0; i < TRACED_STEPS; i++) {
        try (Batch batch = nextBatch(window(i));
            Result result =
                step.computing(session, batch, state).setOptions(traced).runAndFetchMetadata()) {
          trace.add(result.getMetadata().orElseThrow().getStepStats());
        }
      }
    }
    return trace;
  }

  private Window window(int index) {
    return stream.trainingWindow(index % stream.trainingWindows());
  }

  private Batch nextBatch(Window window) {
    number++;
    return Batch.of(window, training.learningRate().first(), number);
  }

  private static long collectionMs() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionTime)
        .sum();
  }

  @Override
  public void close() {
    timed.close();
  }
}
