package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.adaptivesoftmax.cli.WordIds;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.training.LanguageModelTrainer;
import org.adaptivesoftmax.training.TrainingConfiguration;

/**
 * The language model that a worker trains. It is the first line that a worker reads, as one JSON object with keys in snake case.
 *
 * @param contender whose model
 * @param source what it learns
 * @param network what learns it
 * @param course how
 * @param threads on which PyTorch runs; TensorFlow takes all
 */
record LanguageModelSpec(
    Contender contender,
    @JsonUnwrapped Source source,
    @JsonUnwrapped Network network,
    @JsonUnwrapped Course course,
    int threads) {
  /**
   * What is learned.
   *
   * @param text directory of the text, as {@link WordIds#write} writes it
   * @param boundary the word that ends each sentence
   */
  record Source(String text, int boundary) {}

  /**
   * What learns it.
   *
   * @param vocabulary number of words
   * @param width of the embedding and of the LSTM
   * @param cutoffs of the adaptive softmax
   * @param divValue factor by which its tail projections narrow
   */
  record Network(int vocabulary, int width, List<Integer> cutoffs, double divValue) {}

  /**
   * How it is learned.
   *
   * @param batch parallel streams
   * @param steps time steps of a window
   * @param learningRate of Adam
   * @param windows training steps whose mean time is one answer
   */
  record Course(int batch, int steps, double learningRate, int windows) {}

  static LanguageModelSpec of(
      Contender contender,
      Path text,
      int boundary,
      LanguageModelConfiguration model,
      TrainingConfiguration training,
      int windows) {
    return new LanguageModelSpec(
        contender,
        new Source(text.toString(), boundary),
        new Network(
            model.vocabulary(), model.hidden(), model.plan().cutoffs(), model.plan().divValue()),
        new Course(training.batch(), training.steps(), training.learningRate().first(), windows),
        Runtime.getRuntime().availableProcessors());
  }

  /** The model's trainer, on the text. */
  LanguageModelTrainer trainer() throws IOException {
    LanguageModelConfiguration model =
        LanguageModelConfiguration.builder()
            .softmax(contender == Contender.FULL_SOFTMAX ? Softmax.FULL : Softmax.ADAPTIVE)
            .vocabulary(network.vocabulary)
            .cutoffs(network.cutoffs)
            .divValue(network.divValue)
            .embedding(network.width)
            .hidden(network.width)
            .build();
    TrainingConfiguration training =
        TrainingConfiguration.builder()
            .batch(course.batch)
            .steps(course.steps)
            .learningRate(course.learningRate)
            .build();
    return new LanguageModelTrainer(
        model, training, WrittenText.read(Path.of(source.text), source.boundary));
  }
}
