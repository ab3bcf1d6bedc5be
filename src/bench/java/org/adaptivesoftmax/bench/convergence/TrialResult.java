package org.adaptivesoftmax.bench.convergence;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import org.adaptivesoftmax.lifecycle.SliceFigures;

/**
 * What became of a training, as far as it went.
 *
 * @param trial what it was given
 * @param text hash of the text that it learned from
 * @param vocabulary number of words
 * @param stepsOfEpoch optimizer steps of an epoch
 * @param validation perplexity of the validation text after each epoch
 * @param test figures of the test text, all of it and by decile of frequency; empty until all epochs are done
 */
public record TrialResult(
    Trial trial,
    String text,
    int vocabulary,
    int stepsOfEpoch,
    List<Double> validation,
    List<SliceFigures> test) {
  /** Copies the lists. */
  public TrialResult {
    validation = List.copyOf(validation);
    test = List.copyOf(test);
  }

  @JsonIgnore
  boolean isDone() {
    return !test.isEmpty();
  }

  /** Perplexity of the validation text in the end. */
  @JsonIgnore
  double last() {
    return validation.get(validation.size() - 1);
  }
}
