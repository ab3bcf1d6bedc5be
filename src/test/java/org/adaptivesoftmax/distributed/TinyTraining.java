package org.adaptivesoftmax.distributed;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.training.LanguageModelText;
import org.adaptivesoftmax.training.LanguageModelTrainer;
import org.adaptivesoftmax.training.TrainingConfiguration;
import org.adaptivesoftmax.training.TrainingListener;

/**
 * A training of 25 steps an epoch, of two tail clusters, whose gradients are clipped.
 *
 * @param dropout of the model
 * @param classes of it
 * @param textSeed what its text is drawn from
 * @param epochs of the training
 */
record TinyTraining(double dropout, int classes, long textSeed, int epochs) {
  static final TinyTraining DEFAULT = new TinyTraining(0, 60, 1, 2);
  private static final int STREAMS = 6;
  private static final int STEPS = 5;
  private static final int WINDOWS = 25;

  /** As a process is told. */
  static TinyTraining of(Map<String, String> options) {
    return new TinyTraining(
        Double.parseDouble(options.getOrDefault("dropout", "0")),
        Integer.parseInt(options.getOrDefault("classes", "60")),
        Long.parseLong(options.getOrDefault("text", "1")),
        Integer.parseInt(options.getOrDefault("epochs", "2")));
  }

  LanguageModelConfiguration model() {
    return LanguageModelConfiguration.builder()
        .vocabulary(classes)
        .cutoffs(List.of(10, 30))
        .embedding(12)
        .hidden(16)
        .dropout(dropout)
        .seed(5)
        .build();
  }

  /** Of one of so many replicas. */
  TrainingConfiguration training(int replicas) {
    return TrainingConfiguration.builder()
        .batch(STREAMS / replicas)
        .steps(STEPS)
        .epochs(epochs)
        .clipNorm(0.5)
        .build();
  }

  /** Words of a skewed distribution, so that rare ones are in few steps. */
  LanguageModelText text() {
    Random random = new Random(textSeed);
    int[] words =
        IntStream.range(0, STREAMS * STEPS * WINDOWS)
            .map(i -> (int) (DEFAULT.classes * Math.pow(random.nextDouble(), 3)))
            .toArray();
    int[] validation = IntStream.range(0, 77).map(i -> random.nextInt(DEFAULT.classes)).toArray();
    return new LanguageModelText(words, validation, 0);
  }

  /**
   * All of it in this process: what it saw.
   *
   * @param checkpoints where they are kept, and resumed from
   * @param last epoch after which it is broken off
   * @param weights where they are saved
   */
  List<Double> alone(Optional<Path> checkpoints, int last, Path weights) throws Exception {
    try (LanguageModelTrainer trainer = new LanguageModelTrainer(model(), training(1), text())) {
      if (checkpoints.isPresent()) {
        trainer.resume(checkpoints.get());
      }
      Seen seen = new Seen();
      try {
        trainer.train(checkpoints, TrainingListener.all(List.of(seen, new BrokenOff(last))));
      } catch (IllegalStateException brokenOff) {
        return seen.numbers();
      }
      trainer.save(weights);
      return seen.numbers();
    }
  }

  /** The losses of all steps, and the last validation perplexity. */
  static final class Seen implements TrainingListener {
    private final List<Double> losses = new ArrayList<>();
    private double perplexity;

    @Override
    public void stepDone(Step step) {
      losses.add(step.loss());
    }

    @Override
    public void epochDone(Epoch epoch) {
      perplexity = epoch.validation().total();
    }

    List<Double> numbers() {
      List<Double> numbers = new ArrayList<>(losses);
      numbers.add(perplexity);
      return numbers;
    }
  }

  private record BrokenOff(int last) implements TrainingListener {
    @Override
    public void stepDone(Step step) {
      if (step.epoch() > last) {
        throw new IllegalStateException("broken off");
      }
    }

    @Override
    public void epochDone(Epoch epoch) {
      // Its checkpoint is still to be written.
    }
  }
}
