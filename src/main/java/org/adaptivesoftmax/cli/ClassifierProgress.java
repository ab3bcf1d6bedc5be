package org.adaptivesoftmax.cli;

import java.util.List;
import org.adaptivesoftmax.training.ClassifierListener;
import org.jspecify.annotations.Nullable;

/** A classifier's training on standard error: how far it is, and a line for each epoch. Keeps the epochs. */
final class ClassifierProgress implements ClassifierListener, AutoCloseable {
  private final List<Epoch> epochs;
  private @Nullable Progress progress;
  private int batchSize;

  /**
   * @param epochs takes every epoch that is done
   */
  ClassifierProgress(List<Epoch> epochs) {
    this.epochs = epochs;
  }

  @Override
  public void batchDone(BatchDone batch) {
    if (progress == null) {
      batchSize = batch.examples();
      progress = new Progress("training", "examples", batch.total() * batchSize);
    }
    // An epoch's last batch may be smaller, which the total does not know.
    progress.step(batchSize, "epoch %d".formatted(batch.epoch()));
  }

  @Override
  public void epochDone(Epoch epoch) {
    epochs.add(epoch);
    if (progress != null) {
      progress.line(
          "epoch %d: training loss %.3f, validation loss %.3f, validation accuracy %.4f, finished"
                  .formatted(
                      epoch.epoch(),
                      epoch.trainLoss(),
                      epoch.validation().loss(),
                      epoch.validation().accuracy())
              + " %.1f %%%s".formatted(100 * epoch.finishedRatio(), guess(epoch.rows())));
    }
  }

  private static String guess(RowShares rows) {
    return rows.guessed() == 1
        ? ""
        : ", guessed unfinished %.1f %%, missed %.1f %%"
            .formatted(100 * rows.guessed(), 100 * rows.missed());
  }

  @Override
  public void close() {
    if (progress != null) {
      progress.close();
    }
  }
}
