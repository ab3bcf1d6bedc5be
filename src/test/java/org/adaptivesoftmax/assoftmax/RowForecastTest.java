package org.adaptivesoftmax.assoftmax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowForecastTest {
  private static final int EXAMPLES = 4_000;
  private static final int BATCH = 40;
  private static final double DELTA = 0.1;

  /** Forward passes of an epoch, as a share of the plain step's. */
  private record Cost(double speculative, double twoPass) {}

  /**
   * An epoch of examples that each are unfinished with a probability of their own.
   *
   * @param unfinished that probability, by example
   */
  private static Cost epoch(RowForecast forecast, double[] unfinished, Random random) {
    double speculative = 0;
    double twoPass = 0;
    for (int from = 0; from < EXAMPLES; from += BATCH) {
      int[] batch = IntStream.range(from, from + BATCH).toArray();
      boolean[] guessed = forecast.guess(batch, DELTA);
      float[] margins = new float[BATCH];
      for (int i = 0; i < BATCH; i++) {
        boolean open = random.nextDouble() < unfinished[batch[i]];
        margins[i] = open ? random.nextFloat() - 0.95f : 0.15f + 0.8f * random.nextFloat();
        twoPass += open ? 4 : 1;
        speculative += guessed[i] ? 3 : open ? 4 : 1;
      }
      forecast.learn(batch, margins, DELTA);
    }
    return new Cost(speculative / (3 * EXAMPLES), twoPass / (3 * EXAMPLES));
  }

  private static double[] constant(double unfinished) {
    double[] all = new double[EXAMPLES];
    Arrays.fill(all, unfinished);
    return all;
  }

  /** Where an example's past says nothing, no guess is better than the better of the two ends. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.05, 0.3, 0.6, 0.75, 0.95, 1})
  void isNeverMuchSlowerThanTheBetterEnd(double unfinished) {
    RowForecast forecast = new RowForecast(EXAMPLES);
    Random random = new Random(1);
    for (int epoch = 0; epoch < 3; epoch++) {
      Cost cost = epoch(forecast, constant(unfinished), random);
      assertThat(cost.speculative)
          .as("epoch %d", epoch)
          .isLessThan(1.03 * Math.min(1, cost.twoPass));
    }
  }

  @Test
  void isBetterThanBothWhereThePastTells() {
    double[] unfinished =
        IntStream.range(0, EXAMPLES).mapToDouble(i -> i % 2 == 0 ? 0.97 : 0.03).toArray();
    RowForecast forecast = new RowForecast(EXAMPLES);
    Random random = new Random(2);
    epoch(forecast, unfinished, random);
    Cost cost = epoch(forecast, unfinished, random);
    // 3 ũ + (1 − ũ) + 3 m with ũ = 0.5 and m = 0.03, but for a first guess that was wrong.
    assertThat(cost.speculative).isBetween(0.65, 0.75);
    assertThat(cost.twoPass).isBetween(0.8, 0.87);
  }

  @Test
  void followsWhatChanges() {
    RowForecast forecast = new RowForecast(EXAMPLES);
    Random random = new Random(3);
    epoch(forecast, constant(1), random);
    assertThat(forecast.threshold(DELTA)).isGreaterThanOrEqualTo(DELTA);
    epoch(forecast, constant(0.02), random);
    assertThat(forecast.threshold(DELTA)).isLessThan(-0.9);
    epoch(forecast, constant(0.98), random);
    assertThat(forecast.threshold(DELTA)).isGreaterThan(0.9);
  }

  @Test
  void goesOnFromAState() {
    RowForecast forecast = new RowForecast(EXAMPLES);
    epoch(forecast, constant(0.4), new Random(4));
    RowForecast restored = new RowForecast(EXAMPLES);
    restored.restore(forecast.state());
    int[] all = IntStream.range(0, EXAMPLES).toArray();
    assertThat(restored.guess(all, DELTA)).isEqualTo(forecast.guess(all, DELTA));
    assertThat(restored.state()).isEqualTo(forecast.state());
    assertThat(forecast.state()).hasSize(RowForecast.stateSize(EXAMPLES));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RowForecast(3).restore(forecast.state()))
        .withMessage("state must have 133 values: 4130");
  }
}
