package org.adaptivesoftmax.training;

import java.nio.file.Path;

/**
 * Loss, perplexity, learning rate and gradient norm as curves for TensorBoard.
 *
 * <p>{@code train/loss}, {@code train/perplexity}, {@code train/learning_rate} and {@code train/gradient_norm} have a
 * point every {@value #INTERVAL} steps, loss and perplexity over those steps; {@code validation/perplexity} has a point
 * per epoch.
 */
public final class TrainingEvents implements TrainingListener, AutoCloseable {
  private static final int INTERVAL = 50;

  private final EventFile file;
  private double lossSum;
  private int steps;

  /**
   * Opens a new event file.
   *
   * @param directory where it is written; created if it is missing
   * @throws org.tensorflow.exceptions.TensorFlowException if the directory cannot be created or written to
   */
  public TrainingEvents(Path directory) {
    file = new EventFile(directory);
  }

  @Override
  public void stepDone(Step step) {
    lossSum += step.loss();
    steps++;
    if (step.step() % INTERVAL == 0 || step.step() == step.totalSteps()) {
      double loss = lossSum / steps;
      file.scalar("train/loss", step.step(), loss);
      file.scalar("train/perplexity", step.step(), Math.exp(loss));
      file.scalar("train/learning_rate", step.step(), step.learningRate());
      file.scalar("train/gradient_norm", step.step(), step.gradientNorm());
      lossSum = 0;
      steps = 0;
    }
  }

  @Override
  public void epochDone(Epoch epoch) {
    file.scalar("validation/perplexity", epoch.step(), epoch.validation().total());
    file.flush();
  }

  @Override
  public void close() {
    file.close();
  }
}
