package org.adaptivesoftmax.training;

import java.util.Map;

/**
 * Where the time of a language model's training steps goes. Milliseconds are means per step.
 *
 * @param steps how many were timed
 * @param stepMs a whole step
 * @param host outside the graph
 * @param allocatedKb what the step allocates on Java's heap, in kB
 * @param operations share of each part of the model in the time of all operations that a step runs
 */
public record StepProfile(
    int steps, double stepMs, Host host, double allocatedKb, Map<String, Double> operations) {
  /**
   * What a step spends outside the graph.
   *
   * @param inputMs picking the step's words from the text
   * @param copiesMs copying them into tensors, and loss and gradient norm out of tensors
   * @param callMs calling TensorFlow: a run with the same feeds that computes nothing
   * @param collectionsMs garbage collections
   */
  public record Host(double inputMs, double copiesMs, double callMs, double collectionsMs) {
    private double sum() {
      return inputMs + copiesMs + callMs + collectionsMs;
    }
  }

  /** The share of a step that is not spent in the graph: input, copies, the call and garbage collections. */
  public double hostShare() {
    return host.sum() / stepMs;
  }
}
