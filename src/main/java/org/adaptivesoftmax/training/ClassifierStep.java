package org.adaptivesoftmax.training;

import org.adaptivesoftmax.training.ClassifierFeeds.Batch;
import org.tensorflow.Session;

/** Learns from batches, one after the other. */
interface ClassifierStep {
  /**
   * Where training stands.
   *
   * @param number of the batch, counted from 1 over all epochs
   * @param learningRate of this batch
   * @param delta AS-Softmax's δ of this batch
   */
  record Place(long number, double learningRate, double delta) {}

  /**
   * What a batch gave.
   *
   * @param loss mean loss of its examples, in nats
   * @param finished how many of them were finished
   * @param steps batches of the optimizer step that it is part of
   */
  record Outcome(double loss, long finished, int steps) {}

  /** Learns from a batch. */
  Outcome run(Session session, Batch batch, Place place);

  /** Ends an epoch: what has been learned from its batches is in the weights. */
  void finishEpoch(Session session);
}
