package org.adaptivesoftmax.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.adaptivesoftmax.cli.WordIds;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.training.LanguageModelTrainer;
import org.adaptivesoftmax.training.TrainingConfiguration;

/**
 * The language model that a worker trains. It is the first line that a worker reads, as JSON with keys in snake case.
 *
 * @param contender whose model
 * @param text directory of the text, as {@link WordIds#write} writes it
 * @param vocabulary number of words
 * @param boundary the word that ends each sentence
 * @param width of the embedding and of the LSTM
 * @param cutoffs of the adaptive softmax
 * @param divValue factor by which its tail projections narrow
 * @param batch parallel streams
 * @param steps time steps of a window
 * @param learningRate of Adam
 * @param windows training steps whose mean time is one answer
 * @param threads on which PyTorch runs; TensorFlow takes all
 */
record LanguageModelSpec(
    Contender contender,
    String text,
    int vocabulary,
    int boundary,
    int width,
    List<Integer> cutoffs,
    double divValue,
    int batch,
    int steps,
    double learningRate,
    int windows,
    int threads) {
  static LanguageModelSpec of(
      Contender contender,
      Path text,
      int boundary,
      LanguageModelConfiguration model,
      TrainingConfiguration training,
      int windows) {
    return new LanguageModelSpec(
        contender,
        text.toString(),
        model.vocabulary(),
        boundary,
        model.hidden(),
        model.plan().cutoffs(),
        model.plan().divValue(),
        training.batch(),
        training.steps(),
        training.learningRate().first(),
        windows,
        Runtime.getRuntime().availableProcessors());
  }

  /** The model's trainer, on the text. */
  LanguageModelTrainer trainer() throws IOException {
    LanguageModelConfiguration model =
        LanguageModelConfiguration.builder()
            .softmax(contender == Contender.FULL_SOFTMAX ? Softmax.FULL : Softmax.ADAPTIVE)
            .vocabulary(vocabulary)
            .cutoffs(cutoffs)
            .divValue(divValue)
            .embedding(width)
            .hidden(width)
            .build();
    TrainingConfiguration training =
        TrainingConfiguration.builder()
            .batch(batch)
            .steps(steps)
            .learningRate(learningRate)
            .build();
    return new LanguageModelTrainer(model, training, WrittenText.read(Path.of(text), boundary));
  }
}
