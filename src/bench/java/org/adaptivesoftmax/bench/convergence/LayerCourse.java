package org.adaptivesoftmax.bench.convergence;

import java.util.List;

/**
 * How well a network learned with one output layer.
 *
 * @param bySeed the best trainings, a seed each
 * @param byEpochs trainings of one epoch, two and so on up to the best, each with the whole fall of its learning rate
 */
record LayerCourse(List<TrialResult> bySeed, List<TrialResult> byEpochs) {
  /** What they were given, but for the seed. */
  Trial best() {
    return bySeed.get(0).trial();
  }

  /** Optimizer steps of a training of so many epochs. */
  long steps(int epochs) {
    return (long) bySeed.get(0).stepsOfEpoch() * epochs;
  }
}
