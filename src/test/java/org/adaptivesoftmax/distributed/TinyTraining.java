package org.adaptivesoftmax.distributed;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.training.LanguageModelText;
import org.adaptivesoftmax.training.TrainingConfiguration;

/** A training of 50 steps in two epochs, of two tail clusters, whose gradients are clipped. */
final class TinyTraining {
  static final int STREAMS = 4;
  private static final int VOCABULARY = 60;
  private static final int STEPS = 5;
  private static final int WINDOWS = 25;

  private TinyTraining() {}

  static LanguageModelConfiguration model(double dropout) {
    return LanguageModelConfiguration.builder()
        .vocabulary(VOCABULARY)
        .cutoffs(List.of(10, 30))
        .embedding(12)
        .hidden(16)
        .dropout(dropout)
        .seed(5)
        .build();
  }

  static TrainingConfiguration training(int batch) {
    return TrainingConfiguration.builder()
        .batch(batch)
        .steps(STEPS)
        .epochs(2)
        .clipNorm(0.5)
        .build();
  }

  /** Words of a skewed distribution, so that rare ones are in few steps. */
  static LanguageModelText text(long seed) {
    Random random = new Random(seed);
    int[] words =
        IntStream.range(0, STREAMS * STEPS * WINDOWS)
            .map(i -> (int) (VOCABULARY * Math.pow(random.nextDouble(), 3)))
            .toArray();
    int[] validation = IntStream.range(0, 77).map(i -> random.nextInt(VOCABULARY)).toArray();
    return new LanguageModelText(words, validation, 0);
  }
}
