package org.adaptivesoftmax.training;

import org.adaptivesoftmax.model.EncoderClassifier;
import org.adaptivesoftmax.training.ClassifierStep.Place;
import org.adaptivesoftmax.training.EncoderFeeds.Batch;
import org.tensorflow.Graph;
import org.tensorflow.Session;

/** Learns from batches of texts, one after the other. */
interface EncoderStep {
  /**
   * What a batch gave.
   *
   * @param loss mean loss of its examples, in nats
   * @param finished how many of them were finished
   * @param missed how many were guessed finished and were not
   * @param steps batches of the optimizer step that it is part of
   * @param margins by how much each target leads; empty without speculative skipping
   */
  @SuppressWarnings("ArrayRecordComponent") // Read once, never compared.
  record Outcome(double loss, long finished, long missed, int steps, float[] margins) {}

  /** Builds the step that a training asks for. */
  static EncoderStep create(Graph graph, EncoderClassifier model, EncoderTraining training) {
    return training.loss().accumulate() > 1
        ? new AccumulatingEncoderStep(graph, model, training)
        : new PlainEncoderStep(graph, model, training);
  }

  /**
   * Learns from a batch.
   *
   * @param guessed which of its examples are taken to be unfinished
   */
  Outcome run(Session session, Batch batch, boolean[] guessed, Place place);

  /** Ends an epoch: what has been learned from its batches is in the weights. */
  void finishEpoch(Session session);

  /** Optimizer steps done. */
  long updates();

  /** Goes on after so many optimizer steps. */
  void resume(long updates);

  /** Whether all that has been learned is in the variables, so that training could go on from them. */
  boolean mayPause();
}
