package org.adaptivesoftmax.training;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.adaptivesoftmax.Transfers;
import org.adaptivesoftmax.training.Feeds.CarriedState;
import org.adaptivesoftmax.training.TrainingStep.Batch;
import org.tensorflow.Result;

/**
 * The bytes that the processes of a training send each other in a step.
 *
 * @param denseGradients of what every replica holds, over all replicas: each sends 2 (N − 1) / N of their size
 * @param embeddingRows ids and gradients of the rows that batches looked up, over all replicas: each sends its own to the
 *     others
 * @param tailRows between a replica and the tail tasks, both ways, as the step's metadata has it; rows of the batch,
 *     targets, log-probabilities, their gradients and a few numbers
 */
public record ExchangedBytes(long denseGradients, long embeddingRows, long tailRows) {
  /**
   * Of one training step.
   *
   * @param trainer that runs one step, if it has tail tasks and no other replicas
   */
  public static ExchangedBytes of(LanguageModelTrainer trainer, Replica replica) {
    List<DenseAdam.Slot> slots = trainer.step.slots();
    // The first is the embedding's, which is updated by row.
    long dense =
        4
            + slots.stream()
                .skip(1)
                .filter(slot -> !replica.hasOnTailTask(slot.variable()))
                .mapToLong(slot -> Float.BYTES * slot.variable().shape().size())
                .sum();
    int others = replica.count() - 1;
    long rows = (long) trainer.training.batch() * trainer.training.steps();
    long row = Integer.BYTES + (long) Float.BYTES * trainer.configuration.embedding();
    return new ExchangedBytes(
        2L * others * dense,
        (long) replica.count() * others * rows * row,
        replica.hasTailTasks() && others == 0 ? transferred(trainer) : 0);
  }

  private static long transferred(LanguageModelTrainer trainer) {
    try (Batch batch =
            Batch.of(trainer.stream.trainingWindow(0), trainer.training.learningRate().first(), 1);
        CarriedState state =
            CarriedState.zero(trainer.training.batch(), trainer.configuration.hidden());
        Result result =
            trainer
                .step
                .computing(trainer.session, batch, state)
                .setOptions(Transfers.options())
                .runAndFetchMetadata()) {
      long bytes = Transfers.of(result.getMetadata().orElseThrow()).bytes();
      TrainingStep.Outcome.of(result).state().close();
      return bytes;
    }
  }

  /** In MB (10⁶ bytes), by kind. */
  public Map<String, Double> megabytes() {
    return new TreeMap<>(
        Map.of(
            "dense_gradients", denseGradients / 1e6,
            "embedding_rows", embeddingRows / 1e6,
            "tail_rows", tailRows / 1e6));
  }
}
