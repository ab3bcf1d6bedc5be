package org.adaptivesoftmax.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplingTest {
  private static final double[] P = {0.5, 0.2, 0.05, 0.2, 0.05};
  private static final int EXCLUDED = 1;

  private static float[] logProbs() {
    float[] logProbs = new float[P.length];
    for (int i = 0; i < P.length; i++) {
      logProbs[i] = (float) Math.log(P[i]);
    }
    return logProbs;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 1, 3})
  void drawsInProportion(double temperature) {
    int draws = 100_000;
    Sampling sampling = Sampling.builder().temperature(temperature).build();
    SplittableRandom random = new SplittableRandom(5);
    double[] drawn = new double[P.length];
    for (int i = 0; i < draws; i++) {
      drawn[sampling.draw(logProbs(), EXCLUDED, random)]++;
    }
    double total = 0;
    for (int i = 0; i < P.length; i++) {
      total += i == EXCLUDED ? 0 : Math.pow(P[i], 1 / temperature);
    }
    for (int i = 0; i < P.length; i++) {
      double expected = i == EXCLUDED ? 0 : Math.pow(P[i], 1 / temperature) / total;
      // Five standard deviations.
      double tolerance = 5 * Math.sqrt(expected * (1 - expected) / draws);
      assertThat(drawn[i] / draws).isCloseTo(expected, within(tolerance));
    }
  }

  @Test
  void extremeTemperaturesStayDraws() {
    SplittableRandom random = new SplittableRandom(5);
    Sampling cold = Sampling.builder().temperature(Double.MIN_VALUE).build();
    Sampling hot = Sampling.builder().temperature(Double.MAX_VALUE).build();
    for (int i = 0; i < 100; i++) {
      assertThat(cold.draw(logProbs(), EXCLUDED, random)).isZero();
      assertThat(hot.draw(logProbs(), EXCLUDED, random)).isBetween(0, 4).isNotEqualTo(EXCLUDED);
    }
  }

  @Test
  void namesTheValueThatIsWrong() {
    assertThatThrownBy(() -> Sampling.builder().count(0).build())
        .hasMessage("count must be at least 1: 0");
    assertThatThrownBy(() -> Sampling.builder().temperature(0).build())
        .hasMessage("temperature must be above 0 and finite: 0.0");
    assertThatThrownBy(() -> Sampling.builder().temperature(Double.NaN).build())
        .hasMessage("temperature must be above 0 and finite: NaN");
    assertThatThrownBy(() -> Sampling.builder().maxWords(0).build())
        .hasMessage("maxWords must be at least 1: 0");
  }
}
