package org.adaptivesoftmax.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.adaptivesoftmax.training.Calibration.Scores;
import org.junit.jupiter.api.Test;

class CalibrationTest {
  /** Examples whose labels are drawn from the softmax of their logits divided by a temperature. */
  @SuppressWarnings("ArrayRecordComponent") // Read, never compared.
  private record Drawn(float[][] logits, int[] labels) {
    static Drawn of(int examples, int classes, double temperature, long seed) {
      Random random = new Random(seed);
      float[][] logits = new float[examples][classes];
      int[] labels = new int[examples];
      for (int i = 0; i < examples; i++) {
        for (int c = 0; c < classes; c++) {
          logits[i][c] = (float) (3 * random.nextGaussian());
        }
        double[] p = softmax(logits[i], temperature);
        double left = random.nextDouble();
        while (labels[i] < classes - 1 && left > p[labels[i]]) {
          left -= p[labels[i]++];
        }
      }
      return new Drawn(logits, labels);
    }

    Scores scores() {
      return new Scores(logits, i -> labels[i]);
    }
  }

  private static double[] softmax(float[] logits, double temperature) {
    double[] e = new double[logits.length];
    for (int c = 0; c < e.length; c++) {
      e[c] = Math.exp(logits[c] / temperature);
    }
    double sum = Arrays.stream(e).sum();
    return Arrays.stream(e).map(x -> x / sum).toArray();
  }

  private static int best(double[] p) {
    return IntStream.range(0, p.length).reduce(0, (a, b) -> p[b] > p[a] ? b : a);
  }

  /** Guo et al., equations 2 and 3: for each bin, its share times |accuracy − confidence|. */
  private static double naiveError(Drawn drawn, double temperature) {
    int n = drawn.labels.length;
    double error = 0;
    for (int bin = 0; bin < 15; bin++) {
      double count = 0;
      double right = 0;
      double confidence = 0;
      for (int i = 0; i < n; i++) {
        double[] p = softmax(drawn.logits[i], temperature);
        int top = best(p);
        boolean last = bin == 14 && p[top] >= 1;
        if (last || (p[top] >= bin / 15.0 && p[top] < (bin + 1) / 15.0)) {
          count++;
          confidence += p[top];
          right += top == drawn.labels[i] ? 1 : 0;
        }
      }
      if (count > 0) {
        error += count / n * Math.abs(right / count - confidence / count);
      }
    }
    return error;
  }

  private static double naiveLoss(Drawn drawn, double temperature) {
    return IntStream.range(0, drawn.labels.length)
        .mapToDouble(i -> -Math.log(softmax(drawn.logits[i], temperature)[drawn.labels[i]]))
        .average()
        .orElseThrow();
  }

  @Property(tries = 30)
  void lossAndErrorAreThoseOfTheDefinitions(
      @ForAll @IntRange(min = 1, max = 300) int examples,
      @ForAll @IntRange(min = 2, max = 9) int classes,
      @ForAll @DoubleRange(min = 0.2, max = 5) double temperature,
      @ForAll long seed) {
    Drawn drawn = Drawn.of(examples, classes, 1, seed);
    assertThat(drawn.scores().error(temperature))
        .isCloseTo(naiveError(drawn, temperature), within(1e-12));
    assertThat(drawn.scores().loss(temperature))
        .isCloseTo(naiveLoss(drawn, temperature), within(1e-9));
  }

  @Test
  void theTemperatureThatLabelsWereDrawnWithIsFound() {
    for (double temperature : new double[] {0.3, 1, 2.5}) {
      Drawn validation = Drawn.of(10_000, 5, temperature, 1);
      Drawn test = Drawn.of(10_000, 5, temperature, 2);
      Calibration calibration = Calibration.of(validation.scores(), test.scores());
      double found = calibration.temperature();
      assertThat(found).isCloseTo(temperature, within(0.05 * temperature));
      // Where the loss is lowest, to what its rounding lets one tell.
      double lowest = naiveLoss(validation, found);
      for (double other : new double[] {0.999, 1.001}) {
        assertThat(naiveLoss(validation, other * found)).isGreaterThan(lowest);
      }
      assertThat(calibration.error()).isCloseTo(naiveError(test, 1), within(1e-12));
      assertThat(calibration.scaledError()).isCloseTo(naiveError(test, found), within(1e-12));
      assertThat(calibration.scaledError()).isLessThan(0.02);
      if (temperature != 1) {
        assertThat(calibration.error()).isGreaterThan(0.05);
      }
    }
  }

  /** All labels right: the colder, the better. All wrong: the warmer. Neither is a NaN. */
  @Test
  void theSearchEndsAtItsBounds() {
    float[][] logits = {{900, 0, 100}, {0, -900, 2}};
    assertThat(Calibration.temperature(new Scores(logits, i -> i == 0 ? 0 : 2)))
        .isCloseTo(Math.exp(-5), within(1e-6));
    Scores wrong = new Scores(logits, i -> 1);
    assertThat(Calibration.temperature(wrong)).isCloseTo(Math.exp(5), within(1e-3));
    assertThat(wrong.error(1)).isCloseTo(1, within(0.1));
    assertThat(wrong.loss(1e-2)).isFinite();
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Scores(new float[0][], i -> 0))
        .withMessage("logProbs must not be empty");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Scores(new float[][] {{0, 1}, {0}}, i -> 0))
        .withMessage("rows of logProbs must be of one length: 2 and 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Scores(new float[][] {{0, 1}}, i -> 2))
        .withMessage("classOf must be in 0..1: 2");
  }
}
