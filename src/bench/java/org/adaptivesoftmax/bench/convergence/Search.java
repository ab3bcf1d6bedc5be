package org.adaptivesoftmax.bench.convergence;

import java.io.IOException;

/**
 * Finds the learning rate and the number of epochs with which a network learns best: the rate by trainings of one epoch, each
 * twice that of the one before, as far as perplexity falls; then the epochs, one more at a time; then, as a long training may
 * want a lower rate than a short one, half the rate.
 *
 * @param trials how a training is done
 * @param maxEpochs where the search ends
 */
record Search(Trials trials, int maxEpochs) {
  /** A longer training must be better by this share, or perplexity counts as no longer falling. */
  private static final double LEAST_GAIN = 0.001;

  /** Does a training, or finds it done. */
  @FunctionalInterface
  interface Trials {
    TrialResult result(Trial trial) throws IOException, InterruptedException;
  }

  /**
   * Searches.
   *
   * @param first where to begin; its epochs are not looked at
   */
  Trial best(Trial first) throws IOException, InterruptedException {
    Trial rate = lowest(first.withEpochs(1), 2);
    if (rate.rate() == first.rate()) {
      rate = lowest(rate, 0.5);
    }
    return lowest(longest(rate), 0.5);
  }

  /** Goes on with another rate as long as that is better. */
  private Trial lowest(Trial first, double factor) throws IOException, InterruptedException {
    Trial best = first;
    Trial next = best.withRate(best.rate() * factor);
    while (trials.result(next).last() < trials.result(best).last()) {
      best = next;
      next = best.withRate(best.rate() * factor);
    }
    return best;
  }

  private Trial longest(Trial first) throws IOException, InterruptedException {
    Trial best = first;
    while (best.epochs() < maxEpochs) {
      Trial next = best.withEpochs(best.epochs() + 1);
      double gain = 1 - trials.result(next).last() / trials.result(best).last();
      if (gain > 0) {
        best = next;
      }
      if (gain < LEAST_GAIN) {
        break;
      }
    }
    return best;
  }
}
