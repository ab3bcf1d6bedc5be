package org.adaptivesoftmax.cli;

import java.util.List;
import me.tongfei.progressbar.ProgressBar;
import org.adaptivesoftmax.training.ClassifierListener;
import org.jspecify.annotations.Nullable;

/** A classifier's training on standard error: a bar, and a line for each epoch. Keeps the epochs. */
final class ClassifierProgress implements ClassifierListener, AutoCloseable {
  private final List<Epoch> epochs;
  private @Nullable ProgressBar bar;

  /**
   * @param epochs takes every epoch that is done
   */
  ClassifierProgress(List<Epoch> epochs) {
    this.epochs = epochs;
  }

  @Override
  public void batchDone(BatchDone batch) {
    if (bar == null) {
      bar = TrainingProgress.bar(" examples", batch.total() * batch.examples(), 0);
    }
    bar.setExtraMessage(" epoch %d".formatted(batch.epoch()));
    bar.stepBy(batch.examples());
  }

  @Override
  public void epochDone(Epoch epoch) {
    epochs.add(epoch);
    System.err.printf(
        "%nepoch %d: training loss %.3f, validation loss %.3f, validation accuracy %.4f,"
            + " finished %.1f %%%n",
        epoch.epoch(),
        epoch.trainLoss(),
        epoch.validation().loss(),
        epoch.validation().accuracy(),
        100 * epoch.finishedRatio());
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
