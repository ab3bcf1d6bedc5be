package org.adaptivesoftmax.inference;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.adaptivesoftmax.NaiveSoftmax;
import org.adaptivesoftmax.model.LanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.text.Tokenizer;
import org.adaptivesoftmax.text.Vocabulary;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.types.TFloat32;

/** The language model written out for one text and one word at a time, in Java's doubles. */
public final class NaiveLanguageModel {
  private final LanguageModelConfiguration configuration;
  private final Vocabulary vocabulary;
  private final double[] embedding;
  private final double[] weights;
  private final double[] bias;
  private final NaiveSoftmax softmax;

  public NaiveLanguageModel(LanguageModel model, Vocabulary vocabulary, Session session) {
    configuration = model.configuration();
    this.vocabulary = vocabulary;
    embedding = values(session, model.embedding().rows());
    weights = values(session, model.lstm().weights());
    bias = values(session, model.lstm().bias());
    Map<String, double[]> parameters = new HashMap<>();
    model
        .output()
        .parameters()
        .forEach((name, variable) -> parameters.put(name, values(session, variable)));
    if (configuration.softmax() == Softmax.FULL) {
      parameters.put("head.weight", parameters.get("weight"));
    }
    softmax = new NaiveSoftmax(configuration.plan(), parameters);
  }

  private static double[] values(Session session, Operand<TFloat32> variable) {
    try (Result result = session.runner().fetch(variable).run()) {
      TFloat32 tensor = (TFloat32) result.get(0);
      float[] values = new float[(int) tensor.size()];
      tensor.asRawTensor().data().asFloats().read(values);
      return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }
  }

  /** Log-probabilities of every word, by rank, after the boundary and after each word of the text. */
  double[][] distributions(String text) {
    int[] words = ranks(text);
    double[][] distributions = new double[words.length + 1][];
    double[] h = new double[configuration.hidden()];
    double[] c = new double[configuration.hidden()];
    for (int t = 0; t <= words.length; t++) {
      read(t == 0 ? vocabulary.boundaryRank() : words[t - 1], h, c);
      distributions[t] =
          configuration.softmax() == Softmax.FULL ? softmax.head(h) : softmax.logProb(h);
    }
    return distributions;
  }

  public int[] ranks(String text) {
    return Tokenizer.words(text).stream().mapToInt(vocabulary::rank).toArray();
  }

  /** Log-probability of every next word. */
  public double[] next(String text) {
    double[][] distributions = distributions(text);
    return distributions[distributions.length - 1];
  }

  public double score(String text) {
    double[][] distributions = distributions(text);
    int[] words = ranks(text);
    return IntStream.range(0, words.length).mapToDouble(t -> distributions[t][words[t]]).sum();
  }

  /** Number of words and sum of log-probabilities of each cluster; the end is a word, if the text has one. */
  public List<double[]> scoreByCluster(String text) {
    int[] words = ranks(text);
    double[][] distributions = distributions(text);
    double[] count = new double[configuration.plan().cutoffs().size() + 1];
    double[] sum = new double[count.length];
    for (int t = 0; words.length > 0 && t <= words.length; t++) {
      int word = t < words.length ? words[t] : vocabulary.boundaryRank();
      int cluster =
          (int) configuration.plan().cutoffs().stream().filter(cutoff -> word >= cutoff).count();
      count[cluster]++;
      sum[cluster] += distributions[t][word];
    }
    return List.of(count, sum);
  }

  private void read(int word, double[] h, double[] c) {
    int inputs = configuration.embedding();
    int hidden = configuration.hidden();
    double[] gates = bias.clone();
    for (int g = 0; g < gates.length; g++) {
      for (int i = 0; i < inputs; i++) {
        gates[g] += embedding[word * inputs + i] * weights[i * gates.length + g];
      }
      for (int i = 0; i < hidden; i++) {
        gates[g] += h[i] * weights[(inputs + i) * gates.length + g];
      }
    }
    for (int i = 0; i < hidden; i++) {
      c[i] =
          sigmoid(gates[hidden + i]) * c[i] + sigmoid(gates[i]) * Math.tanh(gates[2 * hidden + i]);
      h[i] = sigmoid(gates[3 * hidden + i]) * Math.tanh(c[i]);
    }
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
