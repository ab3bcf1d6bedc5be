package org.adaptivesoftmax.lifecycle;

import java.io.IOException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.adaptivesoftmax.model.LanguageModel;
import org.adaptivesoftmax.model.ModelWeights;
import org.adaptivesoftmax.text.Vocabulary;
import org.adaptivesoftmax.training.LanguageModelReader;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * A language model's perplexity by which it can be compared with one of another vocabulary. What is predicted is the same for
 * both: a word that both know is itself, and every other word is one event, "a word that not both know", whose probability is the
 * sum over all such words and the unknown word. Each model still reads the text with its own vocabulary.
 */
final class CommonPerplexity implements AutoCloseable {
  /** Rows whose whole distribution is computed at once. */
  private static final int CHUNK = 128;

  private final int inFeatures;
  private final boolean[] isOther;
  private final float[] membership;
  private final LanguageModelReader reader;
  private final Graph graph = new Graph();
  private final Session session;
  private final Placeholder<TFloat32> input;
  private final Placeholder<TInt32> target;
  private final Placeholder<TFloat32> others;
  private final Operand<TFloat32> logProbs;
  private final Operand<TFloat32> otherLogProbs;

  /**
   * @param own words of the model
   * @param other words of the model that it is compared with
   */
  @SuppressWarnings("unchecked") // The model is float32, and so is what its output layer gives.
  CommonPerplexity(ModelWeights weights, Vocabulary own, Vocabulary other) {
    inFeatures = weights.configuration().hidden();
    isOther = new boolean[own.size()];
    membership = new float[own.size()];
    for (int rank = 0; rank < isOther.length; rank++) {
      isOther[rank] = rank == own.unknownRank() || !other.contains(own.word(rank));
      membership[rank] = isOther[rank] ? 1 : 0;
    }
    reader = new LanguageModelReader(weights, own.boundaryRank());
    Ops tf = Ops.create(graph);
    LanguageModel model = LanguageModel.create(tf, weights.configuration());
    input = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, inFeatures)));
    target = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
    others = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(own.size(), 1)));
    logProbs = (Operand<TFloat32>) model.output().call(tf, input, target).output();
    Operand<TFloat32> all = (Operand<TFloat32>) model.output().logProb(tf, input);
    otherLogProbs = tf.math.log(tf.linalg.matMul(tf.math.exp(all), others));
    session = new Session(graph);
    weights.assign(session, model);
  }

  /**
   * Measures a text.
   *
   * @param words the text in ranks of the model's own vocabulary
   */
  double of(int[] words) throws IOException {
    double[] nats = new double[1];
    reader.forEach(words, Integer.MAX_VALUE, (hidden, targets) -> nats[0] -= sum(hidden, targets));
    return Math.exp(nats[0] / words.length);
  }

  private double sum(float[] hidden, int[] targets) {
    int[] known = IntStream.range(0, targets.length).filter(i -> !isOther[targets[i]]).toArray();
    int[] unknown = IntStream.range(0, targets.length).filter(i -> isOther[targets[i]]).toArray();
    double sum = known.length == 0 ? 0 : known(rows(hidden, known), pick(targets, known));
    for (int start = 0; start < unknown.length; start += CHUNK) {
      int end = Math.min(unknown.length, start + CHUNK);
      sum += unknown(rows(hidden, Arrays.copyOfRange(unknown, start, end)));
    }
    return sum;
  }

  private double known(float[] hidden, int[] targets) {
    try (TFloat32 rows = tensor(hidden);
        TInt32 words = TInt32.tensorOf(Shape.of(targets.length), DataBuffers.of(targets));
        Result result =
            session.runner().feed(input, rows).feed(target, words).fetch(logProbs).run()) {
      return sum(result.get(0));
    }
  }

  private double unknown(float[] hidden) {
    try (TFloat32 rows = tensor(hidden);
        TFloat32 shares =
            TFloat32.tensorOf(Shape.of(membership.length, 1), DataBuffers.of(membership));
        Result result =
            session.runner().feed(input, rows).feed(others, shares).fetch(otherLogProbs).run()) {
      return sum(result.get(0));
    }
  }

  private TFloat32 tensor(float[] hidden) {
    return TFloat32.tensorOf(
        Shape.of(hidden.length / inFeatures, inFeatures), DataBuffers.of(hidden));
  }

  private float[] rows(float[] hidden, int[] chosen) {
    float[] rows = new float[chosen.length * inFeatures];
    for (int i = 0; i < chosen.length; i++) {
      System.arraycopy(hidden, chosen[i] * inFeatures, rows, i * inFeatures, inFeatures);
    }
    return rows;
  }

  private static int[] pick(int[] values, int[] chosen) {
    return Arrays.stream(chosen).map(i -> values[i]).toArray();
  }

  private static double sum(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.shape().size())];
    tensor.asRawTensor().data().asFloats().read(values);
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  @Override
  public void close() {
    try (reader;
        graph;
        session) {
      // Closed in this order: the session first.
    }
  }
}
