package org.adaptivesoftmax.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.adaptivesoftmax.model.TextClassifier;
import org.adaptivesoftmax.model.TextClassifierConfiguration;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.text.LabelledCorpus;
import org.adaptivesoftmax.text.Labels;
import org.adaptivesoftmax.text.NGramVocabulary;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/**
 * A classifier of a few texts with random weights, as a training session saves it: with variables beside the
 * classifier's. And the same in plain Java, in float64.
 *
 * @param weights what {@link ClassifierExporter#publish} takes
 * @param variables names of the classifier's variables
 * @param values of the variables, row by row
 */
public record TinyTextClassifier(
    TextClassifierConfiguration configuration,
    NGramVocabulary vocabulary,
    Labels labels,
    Path weights,
    List<String> variables,
    List<float[]> values) {
  static final List<String> EXAMPLES =
      List.of(
          "greet\thello there, how are you?",
          "greet\thello hello, good morning to you",
          "leave\tgood night and good bye!",
          "leave\tbye bye, don't wake the well-known fox",
          "ask\twhat's the time of 1914-1918?",
          "ask\thow is the fox? how are you there?");

  /** Saves the weights into an empty directory. */
  public static TinyTextClassifier save(Path directory) throws IOException {
    LabelledCorpus corpus =
        LabelledCorpus.ofFile(Files.write(directory.resolve("examples.tsv"), EXAMPLES));
    NGramVocabulary vocabulary = NGramVocabulary.builder().minCount(1).build(corpus);
    Labels labels = Labels.of(corpus);
    TextClassifierConfiguration configuration =
        TextClassifierConfiguration.builder()
            .ngrams(vocabulary.size())
            .classes(labels.size())
            .embedding(5)
            .hidden(7)
            .build();
    Path weights = directory.resolve("weights");
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      TextClassifier model = TextClassifier.create(tf, configuration);
      Random random = new Random(4);
      List<float[]> values = new ArrayList<>();
      for (Variable<TFloat32> variable : model.variables()) {
        values.add(randomize(tf, session, variable, random));
      }
      randomize(tf, session, tf.withName("adam_m").variable(Shape.of(3), TFloat32.class), random);
      session.save(weights.toString());
      List<String> names = model.variables().stream().map(v -> v.op().name()).toList();
      return new TinyTextClassifier(configuration, vocabulary, labels, weights, names, values);
    }
  }

  private static float[] randomize(
      Ops tf, Session session, Variable<TFloat32> variable, Random random) {
    float[] values = new float[(int) variable.shape().size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    session.run(
        tf.assign(
            variable, tf.reshape(tf.constant(values), tf.constant(variable.shape().asArray()))));
    return values;
  }

  /** Exports with two classes in an answer and moves the model elsewhere. */
  public Path export(Path directory) throws IOException {
    ModelDirectory model = new ModelDirectory(directory.resolve("exported"));
    ClassifierExporter.builder(configuration, vocabulary, labels)
        .topK(2)
        .build()
        .publish(model, weights);
    Path moved = Files.move(model.base(), directory.resolve("moved"));
    return new ModelDirectory(moved).highestVersion();
  }

  /** Log-probability of each class. */
  public double[] logProbs(String text) {
    double[] hidden = dense(pooled(text), 1);
    for (int i = 0; i < hidden.length; i++) {
      hidden[i] = Math.max(hidden[i], 0);
    }
    double[] logits = dense(hidden, 3);
    double sum = 0;
    for (double logit : logits) {
      sum += Math.exp(logit);
    }
    for (int i = 0; i < logits.length; i++) {
      logits[i] -= Math.log(sum);
    }
    return logits;
  }

  private double[] pooled(String text) {
    int[] ranks = vocabulary.ranks(text);
    double[] pooled = new double[configuration.embedding()];
    for (int rank : ranks) {
      for (int i = 0; i < pooled.length; i++) {
        pooled[i] += values.get(0)[rank * pooled.length + i] / Math.sqrt(ranks.length);
      }
    }
    return pooled;
  }

  /** x Wᵀ + b, W being the variable at {@code index} and b the next. */
  private double[] dense(double[] x, int index) {
    double[] outputs = new double[values.get(index + 1).length];
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] = values.get(index + 1)[i];
      for (int j = 0; j < x.length; j++) {
        outputs[i] += values.get(index)[i * x.length + j] * x[j];
      }
    }
    return outputs;
  }
}
