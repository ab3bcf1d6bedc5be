package org.adaptivesoftmax.training;

import java.util.Arrays;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;

/**
 * What the adaptive softmax buys: the time of a language model's training step with it, and with a full softmax in its
 * place. Both are medians over the same words.
 *
 * @param steps how many of each were timed
 * @param adaptiveMs milliseconds of a step with the adaptive softmax
 * @param fullMs milliseconds of a step with the full softmax
 */
public record SoftmaxComparison(int steps, double adaptiveMs, double fullMs) {
  /** Steps before the timed ones: TensorFlow prepares its kernels and its memory in the first. */
  private static final int WARM_UP_STEPS = 2;

  /** How many times as long a step takes with the full softmax. */
  public double ratio() {
    return fullMs / adaptiveMs;
  }

  /**
   * Times steps of two new models that differ in their output layer alone. The models take turns, so that whatever else
   * the machine does meets both.
   *
   * @param configuration of the models; its own softmax is not looked at
   * @param training batch, window and precision of the steps
   * @param text what the steps learn from
   * @param steps how many of each to time, at least 1
   * @throws IllegalArgumentException if {@code steps} is below 1, the plan has no tail cluster, or the text is shorter than
   *     one window
   * @throws InterruptedException if the thread is interrupted, between two steps
   */
  public static SoftmaxComparison measure(
      LanguageModelConfiguration configuration,
      TrainingConfiguration training,
      LanguageModelText text,
      int steps)
      throws InterruptedException {
    Require.argument(steps >= 1, "steps must be at least 1: %d", steps);
    Require.argument(
        configuration.plan().nTails() >= 1,
        "the comparison needs a plan with a tail cluster: %s",
        configuration.plan());
    try (LanguageModelTrainer adaptive =
            new LanguageModelTrainer(configuration.withSoftmax(Softmax.ADAPTIVE), training, text);
        LanguageModelTrainer full =
            new LanguageModelTrainer(configuration.withSoftmax(Softmax.FULL), training, text);
        TimedSteps adaptiveSteps = new TimedSteps(adaptive);
        TimedSteps fullSteps = new TimedSteps(full)) {
      double[] adaptiveMs = new double[steps];
      double[] fullMs = new double[steps];
      for (int i = -WARM_UP_STEPS; i < steps; i++) {
        // The first steps overwrite each other's times: only the last steps count.
        adaptiveMs[Math.max(i, 0)] = next(adaptiveSteps);
        fullMs[Math.max(i, 0)] = next(fullSteps);
      }
      return new SoftmaxComparison(steps, median(adaptiveMs), median(fullMs));
    }
  }

  private static double next(TimedSteps steps) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted in the comparison of output layers");
    }
    return steps.milliseconds();
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    int middle = values.length / 2;
    return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  }
}
