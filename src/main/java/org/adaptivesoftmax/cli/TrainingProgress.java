package org.adaptivesoftmax.cli;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.adaptivesoftmax.training.TrainingListener;
import org.jspecify.annotations.Nullable;

/** Training's progress on standard error: a bar with words per second, loss and time left, and a line for each epoch. */
final class TrainingProgress implements TrainingListener, AutoCloseable {
  private static final int UPDATE_MILLIS = 500;
  private static final double SMOOTHING = 0.98;

  private @Nullable ProgressBar bar;
  private double loss = Double.NaN;

  @Override
  public void stepDone(Step step) {
    if (bar == null) {
      bar = open(step);
    }
    loss = Double.isNaN(loss) ? step.loss() : SMOOTHING * loss + (1 - SMOOTHING) * step.loss();
    bar.setExtraMessage(" epoch %d loss %.3f".formatted(step.epoch(), loss));
    bar.stepBy(step.words());
  }

  @Override
  public void epochDone(Epoch epoch) {
    System.err.printf(
        "%nepoch %d: training loss %.3f, validation perplexity %.1f, %,.0f words/s%n",
        epoch.epoch(), epoch.trainLoss(), epoch.validation().total(), epoch.wordsPerSecond());
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }

  private static ProgressBar open(Step first) {
    long done = first.step() - 1;
    return bar(" words", first.totalSteps() * first.words(), done * first.words());
  }

  /** A bar that counts something up to a maximum. */
  static ProgressBar bar(String unit, long max, long done) {
    return new ProgressBarBuilder()
        .setTaskName("training")
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(UPDATE_MILLIS)
        .setInitialMax(max)
        .startsFrom(done, Duration.ZERO)
        .setUnit(unit, 1)
        .showSpeed()
        .setSpeedUnit(ChronoUnit.SECONDS)
        .build();
  }
}
