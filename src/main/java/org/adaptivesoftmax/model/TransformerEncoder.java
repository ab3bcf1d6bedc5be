package org.adaptivesoftmax.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.internal.graph.Checks;
import org.adaptivesoftmax.model.EncoderConfiguration.Embeddings;
import org.adaptivesoftmax.model.EncoderConfiguration.Pooling;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * A Transformer encoder as BERT's (Devlin et al., 2019): the sum of a token's, its position's and its type's rows,
 * normalized, and then layers of self-attention and of a feed-forward part with GELU by the error function.
 *
 * <p>Its variables have the names that BERT's weights have in Hugging Face's models, such as {@code
 * encoder.layer.0.attention.self.query.weight}, and the same shapes, [outputs, inputs] for matrices. They start as BERT's
 * training does; {@code PretrainedEncoder} in package {@code pytorch} gives them trained values.
 *
 * <pre>{@code
 * TransformerEncoder encoder = TransformerEncoder.create(tf, configuration, 0);
 * Operand<TFloat32> states = encoder.states(tf, ids, mask);     // [batch, time, width]
 * Operand<TFloat32> pooled = encoder.pooled(tf, ids, mask);     // [batch, width]
 * }</pre>
 *
 * <p>Padding never changes a text's states, but for rounding: attention gives it no weight.
 */
public final class TransformerEncoder {
  private static final String WORDS = "embeddings.word_embeddings";
  private static final String POSITIONS = "embeddings.position_embeddings";
  private static final String TYPES = "embeddings.token_type_embeddings";
  private static final String LAYER = "encoder.layer.";

  private final EncoderConfiguration configuration;
  private final Map<String, Variable<TFloat32>> parameters;
  private final Variable<TFloat32> words;
  private final Variable<TFloat32> positions;
  private final Variable<TFloat32> types;
  private final LayerNorm afterEmbeddings;
  private final List<EncoderLayer> layers;

  /** Leaves something out of values in training. */
  @FunctionalInterface
  public interface Dropout {
    /** Leaves everything as it is. */
    Dropout NONE = (tf, values, place) -> values;

    /**
     * What is kept of values.
     *
     * @param tf builds the ops
     * @param values [batch · time, width]
     * @param place number of the place in the encoder, from 0 to twice the number of layers
     */
    Operand<TFloat32> apply(Ops tf, Operand<TFloat32> values, int place);
  }

  /**
   * How a call computes.
   *
   * @param precision type of the products
   * @param dropout what training leaves out
   * @param frozenLayers how many layers, from the first on, are constants to the backward pass, and the embeddings with them;
   *     −1 for none at all
   */
  public record Mode(ComputePrecision precision, Dropout dropout, int frozenLayers) {
    /** All products in float32, nothing left out, everything differentiable. */
    public static final Mode PLAIN = new Mode(ComputePrecision.FLOAT32, Dropout.NONE, -1);
  }

  private TransformerEncoder(Ops tf, EncoderConfiguration configuration, long seed) {
    this.configuration = configuration;
    EncoderVariables variables = new EncoderVariables(tf, configuration.epsilon(), seed);
    Embeddings sizes = configuration.embeddings();
    words = variables.table(WORDS, sizes.vocabulary(), sizes.width());
    positions = variables.table(POSITIONS, sizes.positions(), sizes.width());
    types = variables.table(TYPES, sizes.types(), sizes.width());
    afterEmbeddings = variables.layerNorm("embeddings.LayerNorm", sizes.width());
    layers = new ArrayList<>();
    for (int layer = 0; layer < configuration.layers(); layer++) {
      layers.add(EncoderLayer.create(variables, LAYER + layer, configuration));
    }
    parameters = variables.all();
  }

  /**
   * Adds the encoder's variables to the graph.
   *
   * @param tf builds the ops
   * @param configuration what it is made of
   * @param seed of the starting values
   */
  public static TransformerEncoder create(Ops tf, EncoderConfiguration configuration, long seed) {
    return new TransformerEncoder(tf, configuration, seed);
  }

  /** What it is made of. */
  public EncoderConfiguration configuration() {
    return configuration;
  }

  /** The variables by BERT's names. */
  public Map<String, Variable<TFloat32>> parameters() {
    return parameters;
  }

  /** The rows of the tokens, [vocabulary, width]. */
  public Variable<TFloat32> words() {
    return words;
  }

  /**
   * The variables that the first layers and the embeddings have.
   *
   * @param count of layers; −1 for none, and no embeddings either
   */
  public List<Variable<TFloat32>> variablesBelow(int count) {
    List<Variable<TFloat32>> below = new ArrayList<>();
    parameters.forEach(
        (name, variable) -> {
          if (layerOf(name) < count) {
            below.add(variable);
          }
        });
    return below;
  }

  /** −1 for the embeddings. */
  private static int layerOf(String name) {
    return name.startsWith(LAYER)
        ? Integer.parseInt(name.substring(LAYER.length(), name.indexOf('.', LAYER.length())))
        : -1;
  }

  /**
   * The states after the last layer, [batch, time, width].
   *
   * @param tf builds the ops
   * @param ids of tokens, [batch, time]; a run fails if time is more than there are positions
   * @param mask 1 for a token, 0 for padding, [batch, time]
   */
  public Operand<TFloat32> states(Ops tf, Operand<TInt32> ids, Operand<TFloat32> mask) {
    TokenMask tokens = TokenMask.of(tf, mask);
    Operand<TFloat32> states = states(tf, embed(tf, ids), tokens, Mode.PLAIN);
    return tokens.unflatten(tf, states, configuration.width());
  }

  /** One state for each text, [batch, width], by the configuration's pooling; the arguments are those of {@link #states}. */
  public Operand<TFloat32> pooled(Ops tf, Operand<TInt32> ids, Operand<TFloat32> mask) {
    return pooled(tf, embed(tf, ids), mask, Mode.PLAIN);
  }

  /**
   * One state for each text, [batch, width].
   *
   * @param tf builds the ops
   * @param embedded the {@link #words} of tokens, [batch, time, width]
   * @param mask 1 for a token, 0 for padding, [batch, time]
   * @param mode how it is computed
   */
  public Operand<TFloat32> pooled(
      Ops tf, Operand<TFloat32> embedded, Operand<TFloat32> mask, Mode mode) {
    TokenMask tokens = TokenMask.of(tf, mask);
    Operand<TFloat32> states = states(tf, embedded, tokens, mode);
    int width = configuration.width();
    return configuration.pooling() == Pooling.MEAN
        ? tokens.mean(tf, states, width)
        : tf.stridedSlice(
            tokens.unflatten(tf, states, width), Indices.all(), Indices.at(0), Indices.all());
  }

  private Operand<TFloat32> embed(Ops tf, Operand<TInt32> ids) {
    return tf.gather(words, ids, tf.constant(0));
  }

  private Operand<TFloat32> states(Ops tf, Operand<TFloat32> embedded, TokenMask mask, Mode mode) {
    Ops scope = tf.withSubScope("embeddings");
    Operand<TFloat32> rows = afterEmbeddings.apply(scope, summed(scope, embedded, mask));
    Operand<TFloat32> states = mode.dropout().apply(scope, rows, 0);
    for (int i = 0; i < layers.size(); i++) {
      if (i == mode.frozenLayers()) {
        states = tf.stopGradient(states);
      }
      states = layers.get(i).apply(tf.withSubScope("layer_" + i), states, mask, mode, 2 * i + 1);
    }
    return mode.frozenLayers() == layers.size() ? tf.stopGradient(states) : states;
  }

  /** Words, places and type, [batch · time, width]. */
  private Operand<TFloat32> summed(Ops tf, Operand<TFloat32> embedded, TokenMask mask) {
    Operand<TInt32> places = tf.range(tf.constant(0), length(tf, mask), tf.constant(1));
    Operand<TFloat32> place = tf.gather(positions, places, tf.constant(0));
    Operand<TFloat32> type = tf.gather(types, tf.constant(0), tf.constant(0));
    return tf.reshape(
        tf.math.add(embedded, tf.math.add(place, type)),
        tf.constant(new int[] {-1, configuration.width()}));
  }

  private Operand<TInt32> length(Ops tf, TokenMask mask) {
    int most = configuration.embeddings().positions();
    return Checks.atRun(
        tf,
        mask.time(),
        tf.math.lessEqual(mask.time(), tf.constant(most)),
        tf.constant("a text must have at most as many tokens as the encoder has positions:"),
        tf.constant(most),
        mask.time());
  }
}
