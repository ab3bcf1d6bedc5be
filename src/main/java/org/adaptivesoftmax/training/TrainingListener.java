package org.adaptivesoftmax.training;

import java.util.List;

/** Hears how training goes on; called in the training thread. */
public interface TrainingListener {
  /** Does nothing. */
  TrainingListener SILENT = new TrainingListener() {};

  /**
   * One optimizer step.
   *
   * @param epoch counted from 1
   * @param step counted from 1, over all epochs
   * @param totalSteps of all epochs
   * @param words that the step learned from
   * @param loss mean loss of those words, in nats; exp(loss) is their perplexity
   * @param learningRate that the step used
   * @param gradientNorm global norm of the gradients before clipping
   */
  record Step(
      int epoch,
      long step,
      long totalSteps,
      int words,
      double loss,
      double learningRate,
      double gradientNorm) {}

  /**
   * One pass over the text.
   *
   * @param epoch counted from 1
   * @param step the optimizer steps done
   * @param trainLoss mean loss of the epoch's steps, in nats
   * @param validation perplexity of the validation text
   * @param wordsPerSecond trained, validation not counted
   */
  record Epoch(
      int epoch, long step, double trainLoss, Perplexity validation, double wordsPerSecond) {}

  /** One listener that tells several, in their order. */
  static TrainingListener all(List<TrainingListener> listeners) {
    List<TrainingListener> told = List.copyOf(listeners);
    return new TrainingListener() {
      @Override
      public void stepDone(Step step) {
        told.forEach(listener -> listener.stepDone(step));
      }

      @Override
      public void epochDone(Epoch epoch) {
        told.forEach(listener -> listener.epochDone(epoch));
      }
    };
  }

  /** A step is done. */
  default void stepDone(Step step) {}

  /** An epoch is done, its checkpoint not yet written. */
  default void epochDone(Epoch epoch) {}
}
