package org.adaptivesoftmax.training;

import org.adaptivesoftmax.training.Feeds.CarriedState;

/**
 * A language model's training steps, timed one by one, with the first step's learning rate. After the end of the text they
 * go on at its start.
 */
final class TimedSteps implements AutoCloseable {
  private static final double NANOS_PER_MS = 1e6;

  private final LanguageModelTrainer trainer;
  private CarriedState state;
  private int window;
  private long number;

  /**
   * @param trainer whose model learns; it stays open
   */
  TimedSteps(LanguageModelTrainer trainer) {
    this.trainer = trainer;
    this.state = start();
  }

  private CarriedState start() {
    return CarriedState.zero(trainer.training.batch(), trainer.configuration.hidden());
  }

  /** Goes back to the start of the text; what was learned stays. */
  void rewind() {
    state.close();
    state = start();
    window = 0;
  }

  /** Runs the next step: the milliseconds that it takes, from picking its words to reading its loss. */
  double milliseconds() {
    number++;
    long start = System.nanoTime();
    TrainingStep.Outcome outcome =
        trainer.step.run(
            trainer.session,
            trainer.stream.trainingWindow(window),
            state,
            trainer.training.learningRate().first(),
            number);
    double took = (System.nanoTime() - start) / NANOS_PER_MS;
    state.close();
    state = outcome.state();
    window = (window + 1) % trainer.stream.trainingWindows();
    return took;
  }

  @Override
  public void close() {
    state.close();
  }
}
