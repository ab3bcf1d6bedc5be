package org.adaptivesoftmax.training;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.training.ClassifierListener.Epoch;

/**
 * How a training went so far, kept with its checkpoints.
 *
 * @param epochs those that are done
 * @param best number of the best of them, 0 while none is done
 * @param updates optimizer steps
 * @param now what the epoch that is not done has given
 */
record EncoderCourse(List<Epoch> epochs, int best, long updates, Sums now) {
  /**
   * What batches gave, added up.
   *
   * @param batches their number
   * @param loss over all examples
   * @param finished number of examples
   * @param guessed number of examples
   * @param missed number of examples
   * @param steps batches of the last optimizer step
   * @param seconds that they took
   */
  record Sums(
      int batches,
      double loss,
      long finished,
      long guessed,
      long missed,
      int steps,
      double seconds) {
    static final Sums NONE = new Sums(0, 0, 0, 0, 0, 1, 0);

    Sums add(EncoderStep.Outcome outcome, boolean[] guess, double took) {
      long unfinished = 0;
      for (boolean one : guess) {
        unfinished += one ? 1 : 0;
      }
      return new Sums(
          batches + 1,
          loss + guess.length * outcome.loss(),
          finished + outcome.finished(),
          guessed + unfinished,
          missed + outcome.missed(),
          outcome.steps(),
          seconds + took);
    }
  }

  static final EncoderCourse START = new EncoderCourse(List.of(), 0, 0, Sums.NONE);

  /** The best epoch. */
  Epoch bestEpoch() {
    return epochs.get(best - 1);
  }

  /** With sums and steps of the epoch that is not done. */
  EncoderCourse with(Sums sums, long steps) {
    return new EncoderCourse(epochs, best, steps, sums);
  }

  /** With one more epoch. */
  EncoderCourse with(Epoch epoch, long steps) {
    List<Epoch> all = new ArrayList<>(epochs);
    all.add(epoch);
    boolean better =
        best == 0 || epoch.validation().accuracy() > bestEpoch().validation().accuracy();
    return new EncoderCourse(List.copyOf(all), better ? all.size() : best, steps, Sums.NONE);
  }
}
