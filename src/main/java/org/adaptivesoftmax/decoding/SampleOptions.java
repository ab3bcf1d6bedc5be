package org.adaptivesoftmax.decoding;

import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;

/**
 * Which distribution a class is drawn from. First the temperature makes the model's p into p<sup>1/τ</sup> / Σ
 * p<sup>1/τ</sup>; of that, top-k leaves the k most probable classes; of those, top-p (Holtzman et al., "The Curious Case
 * of Neural Text Degeneration", 2020) leaves the fewest most probable classes whose probabilities sum to p or more. What is
 * left is renormalised. Of equally probable classes the smaller id comes first.
 *
 * @param temperature τ, above 0; 1 by default
 * @param topK how many classes are left, at least 1; all by default
 * @param topP which share is left, in (0, 1]; all by default
 */
public record SampleOptions(double temperature, OptionalInt topK, OptionalDouble topP) {
  private static final double MAX_SHARPNESS = 1e30;

  /** In float32 a smaller one is 0, and 0 · −∞ of a banned class is no number. */
  private static final double MIN_SHARPNESS = 1e-30;

  private static final SampleOptions DEFAULTS =
      new SampleOptions(1, OptionalInt.empty(), OptionalDouble.empty());

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public SampleOptions {
    Require.argument(
        temperature > 0 && Double.isFinite(temperature),
        "temperature must be above 0 and finite: %s",
        temperature);
    topK.ifPresent(k -> Require.argument(k >= 1, "topK must be at least 1: %d", k));
    topP.ifPresent(p -> Require.argument(p > 0 && p <= 1, "topP must be in (0, 1]: %s", p));
  }

  /** The model's own distribution. */
  public static SampleOptions defaults() {
    return DEFAULTS;
  }

  /** These options with another temperature. */
  public SampleOptions temperature(double value) {
    return new SampleOptions(value, topK, topP);
  }

  /** These options with the k most probable classes alone. */
  public SampleOptions topK(int k) {
    return new SampleOptions(temperature, OptionalInt.of(k), topP);
  }

  /** These options with the most probable classes alone, up to the share p. */
  public SampleOptions topP(double p) {
    return new SampleOptions(temperature, topK, OptionalDouble.of(p));
  }

  /** 1/τ, as far as float32 can multiply a log-probability by it; more would change no draw. */
  double sharpness() {
    return Math.max(MIN_SHARPNESS, Math.min(1 / temperature, MAX_SHARPNESS));
  }

  /** 1/τ of each row, likewise. */
  static Operand<TFloat64> sharpness(Ops tf, Operand<TFloat64> temperature) {
    return tf.math.maximum(
        tf.constant(MIN_SHARPNESS),
        tf.math.minimum(tf.math.reciprocal(temperature), tf.constant(MAX_SHARPNESS)));
  }

  boolean isTempered() {
    return temperature != 1;
  }
}
