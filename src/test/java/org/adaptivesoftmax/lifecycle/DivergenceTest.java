package org.adaptivesoftmax.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DivergenceTest {
  private static final int SAMPLES = 400;

  @Test
  void isZeroForTheSameAndOneForNothingInCommon() {
    long[] some = {500_000, 500_000, 0, 0};
    assertThat(Divergence.plain(some, some)).isZero();
    assertThat(Divergence.plain(some, new long[] {0, 0, 7, 7})).isEqualTo(1);
    assertThat(Divergence.of(some, new long[] {0, 0, 700_000, 700_000}).value())
        .isCloseTo(1, within(1e-9));
  }

  /** Two samples of one text, of which the first is small or large: uncorrected they differ much, corrected not. */
  @ParameterizedTest
  @ValueSource(ints = {100, 3_000, 50_000})
  void chanceAddsNothingToIt(int tokens) {
    long[] text = Samples.zipf(3_000, 1_000_000);
    Random random = new Random(tokens);
    int above = 0;
    double highest = 0;
    double plain = 0;
    for (int sample = 0; sample < SAMPLES; sample++) {
      long[] then = Samples.draw(text, 50_000, random);
      long[] now = Samples.draw(text, tokens, random);
      Figure divergence = Divergence.of(then, now);
      above += divergence.low() > 0 ? 1 : 0;
      highest = Math.max(highest, divergence.value());
      plain += Divergence.plain(then, now) / SAMPLES;
    }
    assertThat(above).isLessThanOrEqualTo(SAMPLES / 20);
    assertThat(highest).isLessThan(0.7 * plain);
  }

  /** The interval of two texts that do differ holds what endless text would have. */
  @Test
  void itsIntervalHoldsTheTruth() {
    long[] then = Samples.zipf(500, 10_000_000);
    long[] other = then.clone();
    for (int rank = 0; rank < other.length; rank += 2) {
      other[rank] /= 3;
    }
    double truth = Divergence.plain(then, other);
    Random random = new Random(5);
    int held = 0;
    for (int sample = 0; sample < SAMPLES; sample++) {
      Figure divergence = Divergence.of(then, Samples.draw(other, 20_000, random));
      held += divergence.low() <= truth && truth <= divergence.high() ? 1 : 0;
    }
    assertThat(held).isGreaterThan(SAMPLES * 9 / 10);
  }
}
