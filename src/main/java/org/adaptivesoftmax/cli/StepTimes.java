package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.training.LanguageModelText;
import org.adaptivesoftmax.training.LanguageModelTrainer;
import org.adaptivesoftmax.training.TrainingConfiguration;
import org.adaptivesoftmax.training.TrainingListener;

/**
 * What an adaptive softmax buys: a training step's median time, and that of the same model with a full softmax.
 *
 * @param stepMs with an adaptive softmax, in milliseconds
 * @param fullSoftmaxStepMs with a full softmax
 * @param speedup the second by the first
 */
record StepTimes(double stepMs, double fullSoftmaxStepMs, double speedup) {
  private static final int WARM_UP = 3;
  private static final int TIMED = 9;

  /** Trains each from its first weights for a few steps. */
  static StepTimes measure(
      LanguageModelConfiguration model, TrainingConfiguration training, LanguageModelText text)
      throws IOException, InterruptedException {
    double adaptive = median(with(Softmax.ADAPTIVE, model), training, text);
    double full = median(with(Softmax.FULL, model), training, text);
    return new StepTimes(adaptive, full, full / adaptive);
  }

  private static LanguageModelConfiguration with(
      Softmax softmax, LanguageModelConfiguration model) {
    return new LanguageModelConfiguration(
        softmax, model.plan(), model.embedding(), model.dropout(), model.seed());
  }

  private static double median(
      LanguageModelConfiguration model, TrainingConfiguration training, LanguageModelText text)
      throws IOException, InterruptedException {
    TrainingConfiguration once =
        TrainingConfiguration.builder()
            .batch(training.batch())
            .steps(training.steps())
            .epochs(1)
            .learningRate(training.learningRate().first())
            .precision(training.precision())
            .build();
    List<Long> ends = new ArrayList<>();
    TrainingListener clock =
        new TrainingListener() {
          @Override
          public void stepDone(Step step) {
            ends.add(System.nanoTime());
          }
        };
    try (LanguageModelTrainer trainer =
        new LanguageModelTrainer(model, once, beginning(text, training))) {
      trainer.train(Optional.empty(), clock);
    }
    double[] times = new double[ends.size() - WARM_UP];
    Arrays.setAll(times, i -> (ends.get(i + WARM_UP) - ends.get(i + WARM_UP - 1)) / 1e6);
    Arrays.sort(times);
    return times[times.length / 2];
  }

  /** As much of the text as these steps learn from. Its validation, which is not looked at, is one window. */
  private static LanguageModelText beginning(
      LanguageModelText text, TrainingConfiguration training) {
    int streams = training.batch();
    int words = streams * training.steps() * (WARM_UP + TIMED);
    int[] train = Arrays.copyOf(text.train(), Math.min(text.train().length, words + 1));
    int[] validation = Arrays.copyOf(train, Math.min(train.length, streams * training.steps() + 1));
    return new LanguageModelText(train, validation, text.boundary());
  }
}
