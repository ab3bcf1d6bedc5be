package org.adaptivesoftmax.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.adaptivesoftmax.inference.NaiveLanguageModel;
import org.adaptivesoftmax.model.LanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.Vocabulary;
import org.adaptivesoftmax.text.WordCounts;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/**
 * A language model with a vocabulary of some thirty words and random weights, as a training session saves it: with
 * variables beside the model's.
 *
 * @param weights what {@link LanguageModelExporter#publish} takes
 * @param variables names of the model's variables
 * @param naive the same model in plain Java
 */
public record TinyLanguageModel(
    LanguageModelConfiguration configuration,
    Vocabulary vocabulary,
    Path weights,
    List<String> variables,
    NaiveLanguageModel naive) {
  public static final List<String> SENTENCES =
      List.of(
          "the quick brown fox jumps over the lazy dog.",
          "a dog sleeps in the garden, and the fox watches the dog.",
          "don't wake the well-known fox of 1914-1918!",
          "the garden is quick to grow, the dog is not.",
          "a fox is a fox, a dog is a dog.");

  /** Saves the weights into an empty directory. */
  public static TinyLanguageModel save(Path directory, Softmax softmax) throws IOException {
    Path text = Files.write(directory.resolve("corpus.txt"), SENTENCES);
    Vocabulary vocabulary = Vocabulary.of(WordCounts.of(Corpus.ofFile(text)));
    LanguageModelConfiguration configuration =
        LanguageModelConfiguration.builder()
            .softmax(softmax)
            .vocabulary(vocabulary.size())
            .cutoffs(List.of(6, 15))
            .divValue(2)
            .embedding(6)
            .hidden(8)
            .build();
    Path weights = directory.resolve("weights");
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      LanguageModel model = LanguageModel.create(tf, configuration);
      Random random = new Random(4);
      List<Variable<TFloat32>> variables = new ArrayList<>(model.denseVariables());
      variables.add(model.embedding().rows());
      variables.forEach(variable -> randomize(tf, session, variable, random));
      randomize(tf, session, tf.withName("adam_m").variable(Shape.of(3), TFloat32.class), random);
      session.save(weights.toString());
      return new TinyLanguageModel(
          configuration,
          vocabulary,
          weights,
          variables.stream().map(variable -> variable.op().name()).toList(),
          new NaiveLanguageModel(model, vocabulary, session));
    }
  }

  /** Large enough for the words to differ in probability by orders of magnitude. */
  private static void randomize(
      Ops tf, Session session, Variable<TFloat32> variable, Random random) {
    float[] values = new float[(int) variable.shape().size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    session.run(
        tf.assign(
            variable, tf.reshape(tf.constant(values), tf.constant(variable.shape().asArray()))));
  }

  /** Exports with three next words and moves the model elsewhere. */
  public ModelDirectory export(Path directory) throws IOException {
    ModelDirectory model = new ModelDirectory(directory.resolve("exported"));
    LanguageModelExporter.builder(configuration, vocabulary)
        .topK(3)
        .build()
        .publish(model, weights);
    return new ModelDirectory(Files.move(model.base(), directory.resolve("moved")));
  }
}
