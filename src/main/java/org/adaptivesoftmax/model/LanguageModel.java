package org.adaptivesoftmax.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.FullSoftmax;
import org.adaptivesoftmax.OutputLayer;
import org.adaptivesoftmax.QuantizedSoftmax;
import org.adaptivesoftmax.TailWeights;
import org.tensorflow.DeviceSpec;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * An LSTM language model: embedding → LSTM → output layer, and nothing of their training. Variables have the same names
 * in every graph, so that a checkpoint of the training graph can be restored into a clean one.
 *
 * @param configuration what it is made of
 * @param embedding one row per word
 * @param lstm from embedded words to hidden states
 * @param output from hidden states to the next word's log-probability
 */
public record LanguageModel(
    LanguageModelConfiguration configuration,
    EmbeddingTable embedding,
    Lstm lstm,
    OutputLayer<TFloat32> output) {
  private static final int EMBEDDING_SEED = 1;
  private static final int LSTM_SEED = 2;
  private static final int OUTPUT_SEED = 3;

  /** Adds the model's variables to the graph. */
  public static LanguageModel create(Ops tf, LanguageModelConfiguration configuration) {
    return create(tf, configuration, cluster -> Optional.empty());
  }

  /**
   * Adds the model's variables to the graph, the clusters of its adaptive softmax on devices of their own.
   *
   * @param deviceOfCluster as {@link org.adaptivesoftmax.AdaptiveSoftmaxBuilder#placement} has it
   */
  public static LanguageModel create(
      Ops tf,
      LanguageModelConfiguration configuration,
      IntFunction<Optional<DeviceSpec>> deviceOfCluster) {
    int hidden = configuration.hidden();
    return new LanguageModel(
        configuration,
        EmbeddingTable.create(
            tf,
            configuration.vocabulary(),
            configuration.embedding(),
            seed(configuration, EMBEDDING_SEED)),
        Lstm.create(tf, configuration.embedding(), hidden, seed(configuration, LSTM_SEED)),
        output(tf, configuration, deviceOfCluster));
  }

  /**
   * The same model for inference, in another graph, with the tail clusters of its adaptive softmax stored in less space. Its
   * output layer is a {@link QuantizedSoftmax}; its variables have the names of this model's.
   *
   * @throws IllegalArgumentException if the output layer has no tail clusters
   */
  public LanguageModel quantized(Ops tf, TailWeights form) {
    return new LanguageModel(
        configuration,
        EmbeddingTable.create(tf, configuration.vocabulary(), configuration.embedding(), 0),
        Lstm.create(tf, configuration.embedding(), configuration.hidden(), 0),
        output.quantized(tf, form));
  }

  private static OutputLayer<TFloat32> output(
      Ops tf,
      LanguageModelConfiguration configuration,
      IntFunction<Optional<DeviceSpec>> deviceOfCluster) {
    long seed = seed(configuration, OUTPUT_SEED);
    return switch (configuration.softmax()) {
      case ADAPTIVE ->
          AdaptiveSoftmax.builder(TFloat32.class)
              .plan(configuration.plan())
              .seed(seed)
              .placement(deviceOfCluster)
              .build(tf);
      case FULL ->
          FullSoftmax.builder(TFloat32.class)
              .inFeatures(configuration.hidden())
              .nClasses(configuration.vocabulary())
              .seed(seed)
              .build(tf);
    };
  }

  private static long seed(LanguageModelConfiguration configuration, int part) {
    return configuration.seed() * (OUTPUT_SEED + 1) + part;
  }

  /** The variables that are updated densely: all but the embedding. */
  public List<Variable<TFloat32>> denseVariables() {
    List<Variable<TFloat32>> variables = new ArrayList<>(List.of(lstm.weights(), lstm.bias()));
    variables.addAll(output.parameters().values());
    return variables;
  }

  /**
   * Runs the LSTM over embedded words.
   *
   * @param embedded time-major, [time · batch, embedding]
   * @param batch number of streams
   */
  public Lstm.Pass recur(Ops tf, Operand<TFloat32> embedded, Lstm.State initial, int batch) {
    return lstm.call(
        tf,
        tf.reshape(embedded, tf.constant(new int[] {-1, batch, configuration.embedding()})),
        initial);
  }

  /** The hidden states of a pass as the output layer takes them, time-major, [time · batch, hidden]. */
  public Operand<TFloat32> rows(Ops tf, Lstm.Pass pass) {
    return tf.reshape(pass.output(), tf.constant(new int[] {-1, lstm.hidden()}));
  }

  /** The rows of word ids [time · batch], [time · batch, embedding]. */
  public Operand<TFloat32> embed(Ops tf, Operand<TInt32> words) {
    return embedding.lookup(tf, words);
  }
}
