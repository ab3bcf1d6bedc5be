package org.adaptivesoftmax.cli;

import org.adaptivesoftmax.training.TrainingListener;
import org.jspecify.annotations.Nullable;

/** A language model's training on standard error: how far it is, and a line for each epoch. */
final class TrainingProgress implements TrainingListener, AutoCloseable {
  private static final double SMOOTHING = 0.98;

  private @Nullable Progress progress;
  private double loss = Double.NaN;

  @Override
  public void stepDone(Step step) {
    if (progress == null) {
      long before = (step.step() - 1) * step.words();
      progress = new Progress("training", "words", step.totalSteps() * step.words(), before);
    }
    loss = Double.isNaN(loss) ? step.loss() : SMOOTHING * loss + (1 - SMOOTHING) * step.loss();
    progress.step(step.words(), "epoch %d, loss %.3f".formatted(step.epoch(), loss));
  }

  @Override
  public void epochDone(Epoch epoch) {
    if (progress != null) {
      progress.line(
          "epoch %d: training loss %.3f, validation perplexity %.1f, %,.0f words/s"
              .formatted(
                  epoch.epoch(),
                  epoch.trainLoss(),
                  epoch.validation().total(),
                  epoch.wordsPerSecond()));
    }
  }

  @Override
  public void close() {
    if (progress != null) {
      progress.close();
    }
  }
}
