package org.adaptivesoftmax.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.adaptivesoftmax.TestGraph;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/** Log-probabilities from logits, against the formula in float64. */
class NormalizedScoresTest {
  private static final double BANNED = Double.NEGATIVE_INFINITY;

  @Test
  void areTheLogSoftmaxAtEveryScale() {
    Random random = new Random(1);
    for (int exponent = -3; exponent <= 4; exponent++) {
      double scale = Math.pow(10, exponent);
      float[] z = new float[2000];
      for (int i = 0; i < z.length; i++) {
        z[i] = (float) (scale * random.nextGaussian());
      }
      double[] exact = logSoftmax(z);
      double[] found = logProbs(doubles(z), 1, false);
      for (int i = 0; i < z.length; i++) {
        assertThat(found[i]).isCloseTo(exact[i], within(1e-5 + 1e-6 * Math.abs(exact[i])));
        assertThat(found[i]).isLessThanOrEqualTo(0);
      }
    }
  }

  @Test
  void aBannedClassIsNeverChosenAndABannedRowHoldsNothing() {
    double[] found = logProbs(new double[] {0, BANNED, 0, BANNED, BANNED, BANNED}, 2, true);
    assertThat(found[0]).isCloseTo(-Math.log(2), within(1e-6));
    assertThat(found[2]).isCloseTo(-Math.log(2), within(1e-6));
    assertThat(new double[] {found[1], found[3], found[4], found[5]}).containsOnly(BANNED);
  }

  @Test
  void whatIsNoNumberAndWhatIsInfiniteHasNoProbability() {
    for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      for (boolean banned : new boolean[] {false, true}) {
        assertThat(logProbs(new double[] {bad, 0, 1}, 1, banned)).containsOnly(Double.NaN);
      }
    }
  }

  private static double[] logProbs(double[] logits, int rows, boolean banned) {
    try (TestGraph graph = new TestGraph()) {
      Operand<TFloat32> z = graph.constant(TFloat32.class, logits, rows, logits.length / rows);
      NormalizedScores<TFloat32> scores =
          banned ? NormalizedScores.ofBanned(graph.tf, z) : NormalizedScores.of(graph.tf, z);
      return graph.run(scores.logProbs(graph.tf));
    }
  }

  private static double[] logSoftmax(float[] z) {
    double[] values = doubles(z);
    double max = Arrays.stream(values).max().orElseThrow();
    double logSum = Math.log(Arrays.stream(values).map(v -> Math.exp(v - max)).sum());
    return Arrays.stream(values).map(v -> v - max - logSum).toArray();
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }
}
