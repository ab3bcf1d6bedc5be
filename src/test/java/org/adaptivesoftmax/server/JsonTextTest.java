package org.adaptivesoftmax.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers as TensorFlow Serving writes them. */
class JsonTextTest {
  private static final int FLOATS = 300_000;

  /** As many digits as tell the number, six or nine, by arithmetic without rounding. */
  private static String reference(float value) {
    String six = digits(value, 6);
    String digits = Float.parseFloat(six) == value ? six : digits(value, 9);
    return digits.contains(".") ? digits : digits + ".0";
  }

  private static String digits(float value, int precision) {
    return new BigDecimal((double) value)
        .round(new MathContext(precision, RoundingMode.HALF_EVEN))
        .stripTrailingZeros()
        .toPlainString();
  }

  @Test
  void numbersOfAnswersHaveSixDigitsOrNine() {
    Random random = new Random(1);
    for (int i = 0; i < FLOATS; i++) {
      double size = Math.pow(10, -3.9 + 9.8 * random.nextDouble());
      float value = (float) (random.nextBoolean() ? size : -size);
      assertThat(JsonText.decimal(value)).isEqualTo(reference(value));
    }
  }

  /** Where rounding is a tie, carries over, or needs all digits. */
  @Test
  void roundingIsExact() {
    Stream.of(
            0.5f,
            0.25f,
            1.0f,
            10.0f,
            99999.95f,
            999999.94f,
            0.0001f,
            0.00010001f,
            0.1f,
            0.3f,
            1 / 3f,
            2 / 3f,
            16777.215f,
            8388.607f,
            1.0000001f,
            0.99999994f,
            123456.7f,
            524287.97f,
            4096.0005f,
            3.1622777f)
        .forEach(value -> assertThat(JsonText.decimal(value)).isEqualTo(reference(value)));
    for (int i = 0; i < FLOATS; i++) {
      // Sixteenths and the like end in 5: ties of nine digits are among them.
      float value = (1 + 2 * i) / 1024f;
      assertThat(JsonText.decimal(value)).isEqualTo(reference(value));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.0",
    "-0.0, -0.0",
    "1e6, 1e+06",
    "1234567, 1234567.0",
    "1e-5, 1e-05",
    "1e20, 1e+20",
    "-1.5e-7, -1.5e-07",
    "NaN, NaN",
    "-Infinity, -Infinity"
  })
  void otherNumbersAreAsCWritesThem(float value, String written) {
    assertThat(JsonText.decimal(value)).isEqualTo(written);
  }
}
