package org.adaptivesoftmax.bench.convergence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.junit.jupiter.api.Test;

class SearchTest {
  private static final Trial FIRST = new Trial(0, Softmax.FULL, 0.004, 1, 0);

  private static Trial best(ToDoubleFunction<Trial> perplexity, int maxEpochs, List<Trial> done)
      throws Exception {
    Search.Trials trials =
        trial -> {
          done.add(trial);
          List<Double> each = Collections.nCopies(trial.epochs(), perplexity.applyAsDouble(trial));
          return new TrialResult(trial, "", 10, 1, each, List.of());
        };
    return new Search(trials, maxEpochs).best(FIRST);
  }

  /** Lowest at a rate, and at a number of epochs. */
  private static ToDoubleFunction<Trial> valley(double rate, int epochs) {
    return trial ->
        100
            + 10 * Math.pow(Math.log(trial.rate() / rate), 2)
            + Math.pow(trial.epochs() - epochs, 2);
  }

  @Test
  void findsTheRateOnEitherSideAndTheEpochs() throws Exception {
    for (double rate : List.of(0.0005, 0.004, 0.032)) {
      for (int epochs : List.of(1, 3, 5)) {
        assertThat(best(valley(rate, epochs), 8, new ArrayList<>()))
            .isEqualTo(FIRST.withRate(rate).withEpochs(epochs));
      }
    }
  }

  @Test
  void aLongTrainingMayWantALowerRate() throws Exception {
    ToDoubleFunction<Trial> falling =
        trial ->
            100
                + 10 * Math.pow(Math.log(trial.rate() * trial.epochs() / 0.008), 2)
                + Math.pow(trial.epochs() - 4, 2);
    assertThat(best(falling, 8, new ArrayList<>()).rate()).isLessThan(0.008);
  }

  @Test
  void endsWhereMoreEpochsGainNextToNothing() throws Exception {
    List<Trial> done = new ArrayList<>();
    Trial best = best(trial -> 100 + 0.01 / trial.epochs(), 8, done);
    assertThat(best.epochs()).isEqualTo(2);
    assertThat(done).noneMatch(trial -> trial.epochs() > 2);
  }

  @Test
  void endsAtTheMostEpochs() throws Exception {
    assertThat(best(valley(0.004, 20), 3, new ArrayList<>()).epochs()).isEqualTo(3);
  }
}
