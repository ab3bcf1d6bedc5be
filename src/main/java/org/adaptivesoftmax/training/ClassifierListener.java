package org.adaptivesoftmax.training;

/** Hears how the training of a classifier goes on; called in the training thread. */
public interface ClassifierListener {
  /** Does nothing. */
  ClassifierListener SILENT = new ClassifierListener() {};

  /**
   * One batch.
   *
   * @param epoch counted from 1
   * @param number counted from 1, over all epochs
   * @param total batches of all epochs
   * @param examples in the batch
   * @param loss mean loss of those examples, in nats
   */
  record BatchDone(int epoch, long number, long total, int examples, double loss) {}

  /**
   * One pass over the examples.
   *
   * @param epoch counted from 1
   * @param trainLoss mean loss of the training examples, each when it was learned from, in nats
   * @param validation metrics of the validation examples after the epoch
   * @param rows which of the training examples something was learned from
   * @param accumulationSteps batches of the epoch's last optimizer step
   * @param delta AS-Softmax's δ of the epoch's last batch; 1 for softmax
   * @param seconds that training took, validation not counted
   */
  record Epoch(
      int epoch,
      double trainLoss,
      ClassMetrics validation,
      RowShares rows,
      int accumulationSteps,
      double delta,
      double seconds) {
    /** {@link RowShares#finished}. */
    public double finishedRatio() {
      return rows.finished();
    }
  }

  /**
   * Shares of an epoch's training examples.
   *
   * @param finished when they came by: all classes but the right one dropped, so that nothing was learned from them; 0
   *     without AS-Softmax
   * @param guessed unfinished by speculative skipping; 1 without it
   * @param missed guessed finished, and unfinished indeed; 0 without speculative skipping
   */
  record RowShares(double finished, double guessed, double missed) {}

  /** A batch is done. */
  default void batchDone(BatchDone batch) {}

  /** An epoch is done. */
  default void epochDone(Epoch epoch) {}
}
