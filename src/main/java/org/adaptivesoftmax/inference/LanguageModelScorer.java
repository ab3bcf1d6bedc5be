package org.adaptivesoftmax.inference;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.inference.CorpusBatches.Line;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.model.LanguageModel;
import org.adaptivesoftmax.model.Lstm;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.Tokenizer;
import org.adaptivesoftmax.text.Vocabulary;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Scores text by a published language model, token by token, with the best {@value LineScores#TOP} classes in place of each.
 * Each line begins anew, and its end is a token, as in {@link SavedLanguageModel#evaluate}. Not for several threads.
 *
 * <pre>{@code
 * try (LanguageModelScorer scorer = LanguageModelScorer.of(published)) {
 *   scorer.forEachLine(corpus, line -> add(line.logProbs()));
 * }
 * }</pre>
 */
public final class LanguageModelScorer implements AutoCloseable {
  private final Vocabulary vocabulary;
  private final ClusterPlan routes;
  private final int width;
  private final Graph graph = new Graph();
  private final Session session;
  private final Placeholder<TInt32> inputs;
  private final Placeholder<TInt32> positions;
  private final Operand<TFloat32> hidden;
  private final TokenClasses classes;

  /** Makes the part of the graph that scores classes. */
  @FunctionalInterface
  private interface ClassesFactory {
    TokenClasses create(Ops tf, LanguageModel model);
  }

  private LanguageModelScorer(PublishedLanguageModel published, ClassesFactory factory) {
    vocabulary = published.vocabulary();
    width = published.configuration().hidden();
    try {
      Ops tf = Ops.create(graph);
      LanguageModel model = model(tf, published);
      routes = model.output().plan();
      inputs = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1, -1)));
      positions = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1, 2)));
      hidden = tf.gatherNd(states(tf, model), positions);
      classes = factory.create(tf, model);
      session = new Session(graph);
    } catch (Throwable failure) {
      graph.close();
      throw failure;
    }
    try {
      session.restore(published.weights().toString());
    } catch (TensorFlowException e) {
      close();
      throw new IllegalArgumentException(
          "weights of %s do not fit the model: %s".formatted(published.version(), e.getMessage()),
          e);
    }
  }

  /**
   * A model as it is: its own distribution, {@link Vocabulary#UNKNOWN} being one of its words.
   *
   * @param published the model, with tail weights of any kind
   * @return the scorer, to be closed
   * @throws IllegalArgumentException if its weights are missing or not those of the model
   */
  public static LanguageModelScorer of(PublishedLanguageModel published) {
    return new LanguageModelScorer(published, OwnClasses::new);
  }

  /**
   * A model that is compared with one of another vocabulary. What is predicted is the same for both: a word that both have is
   * itself, and every other word is one class, {@link LineScores#OTHER}, whose probability is the sum over all such words and
   * the unknown word. The model still reads all words that it knows. This takes the whole distribution of each token.
   *
   * @param published the model, with tail weights of any kind
   * @param other words of the model that it is compared with
   * @return the scorer, to be closed
   * @throws IllegalArgumentException if its weights are missing or not those of the model
   */
  public static LanguageModelScorer common(PublishedLanguageModel published, Vocabulary other) {
    Vocabulary own = published.vocabulary();
    boolean[] isOther = new boolean[own.size()];
    for (int rank = 0; rank < isOther.length; rank++) {
      isOther[rank] = rank == own.unknownRank() || !other.contains(own.word(rank));
    }
    return new LanguageModelScorer(published, (tf, model) -> new CommonClasses(tf, model, isOther));
  }

  private static LanguageModel model(Ops tf, PublishedLanguageModel published) {
    if (published.tailWeights() == TailWeights.FLOAT32) {
      return LanguageModel.create(tf, published.configuration());
    }
    try (Graph apart = new Graph()) {
      return LanguageModel.create(Ops.create(apart), published.configuration())
          .quantized(tf, published.tailWeights());
    }
  }

  /** [longest + 1, batch, hidden]. */
  private Operand<TFloat32> states(Ops tf, LanguageModel model) {
    Operand<TInt32> batch =
        tf.slice(tf.shape(inputs), tf.constant(new int[] {1}), tf.constant(new int[] {1}));
    Operand<TFloat32> zeros =
        tf.fill(tf.concat(List.of(batch, tf.array(width)), tf.constant(0)), tf.constant(0f));
    return model.lstm().call(tf, model.embed(tf, inputs), new Lstm.State(zeros, zeros)).output();
  }

  /** {@return the words that the model reads and predicts} */
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  /** {@return how the model's output layer divides its classes; a full softmax has all of them in the head} */
  public ClusterPlan routes() {
    return routes;
  }

  /**
   * Scores every line that has a word. Lines come out of their order, as they are batched by length; memory depends on neither
   * the number of lines nor their order.
   *
   * @param corpus one sentence a line
   * @param action takes each line
   * @throws IllegalArgumentException if a line has more than 4,096 words
   * @throws IOException if the corpus cannot be read
   */
  public void forEachLine(Corpus corpus, Consumer<LineScores> action) throws IOException {
    CorpusBatches.forEachNumbered(
        corpus, CorpusBatches.MAX_LINE_WORDS, batch -> score(batch, action));
  }

  /**
   * Scores lines as one batch.
   *
   * @param lines each with a word
   * @return a score for each, in their order
   * @throws IllegalArgumentException if a line has no word
   */
  public List<LineScores> score(List<String> lines) {
    List<Line> batch =
        IntStream.range(0, lines.size())
            .mapToObj(i -> new Line(i, lines.get(i), Tokenizer.words(lines.get(i))))
            .toList();
    batch.forEach(
        line ->
            Require.argument(
                !line.words().isEmpty(), "a line to score must have a word: \"%s\"", line.text()));
    List<LineScores> scores = new ArrayList<>();
    score(batch, scores::add);
    return scores;
  }

  private void score(List<Line> batch, Consumer<LineScores> action) {
    int longest = batch.stream().mapToInt(line -> line.words().size()).max().orElse(0);
    int tokens = batch.stream().mapToInt(line -> line.words().size() + 1).sum();
    // Time-major; what follows a line's last word is padding, which no position reads.
    int[] read = new int[(longest + 1) * batch.size()];
    Arrays.fill(read, vocabulary.boundaryRank());
    int[] places = new int[2 * tokens];
    int[] ranks = new int[tokens];
    int token = 0;
    for (int row = 0; row < batch.size(); row++) {
      List<String> words = batch.get(row).words();
      for (int time = 0; time <= words.size(); time++, token++) {
        places[2 * token] = time;
        places[2 * token + 1] = row;
        ranks[token] =
            time < words.size() ? vocabulary.rank(words.get(time)) : vocabulary.boundaryRank();
        if (time < words.size()) {
          read[(time + 1) * batch.size() + row] = ranks[token];
        }
      }
    }
    TokenClasses.Scores scores = classes.score(session, hidden(read, batch.size(), places), ranks);
    int start = 0;
    for (Line line : batch) {
      int end = start + line.words().size() + 1;
      action.accept(scores.line(line.number(), line.words(), start, end));
      start = end;
    }
  }

  /** The hidden state before each token, [tokens, hidden]. */
  private float[] hidden(int[] read, int batch, int[] places) {
    try (TInt32 words =
            TInt32.tensorOf(Shape.of(read.length / batch, batch), DataBuffers.of(read));
        TInt32 at = TInt32.tensorOf(Shape.of(places.length / 2, 2), DataBuffers.of(places));
        Result result =
            session.runner().feed(inputs, words).feed(positions, at).fetch(hidden).run()) {
      Tensor states = result.get(0);
      float[] values = new float[Math.toIntExact(states.shape().size())];
      states.asRawTensor().data().asFloats().read(values);
      return values;
    }
  }

  @Override
  public void close() {
    try (graph;
        session) {
      // Closed in this order: the session first.
    }
  }
}
