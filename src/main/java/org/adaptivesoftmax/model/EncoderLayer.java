package org.adaptivesoftmax.model;

import org.adaptivesoftmax.model.TransformerEncoder.Mode;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * A layer of an encoder: attention, then a feed-forward part, each added to its input and normalized.
 *
 * @param attention of tokens to one another
 * @param afterAttention normalizes
 * @param intermediate widens
 * @param output narrows again
 * @param afterOutput normalizes
 */
record EncoderLayer(
    SelfAttention attention,
    LayerNorm afterAttention,
    DenseLayer intermediate,
    DenseLayer output,
    LayerNorm afterOutput) {
  static EncoderLayer create(
      EncoderVariables variables, String name, EncoderConfiguration configuration) {
    int width = configuration.width();
    return new EncoderLayer(
        SelfAttention.create(variables, name + ".attention", width, configuration.heads()),
        variables.layerNorm(name + ".attention.output.LayerNorm", width),
        variables.dense(name + ".intermediate.dense", width, configuration.intermediate()),
        variables.dense(name + ".output.dense", configuration.intermediate(), width),
        variables.layerNorm(name + ".output.LayerNorm", width));
  }

  /**
   * The states after this layer, [batch · time, width].
   *
   * @param states those before it
   * @param place number of the layer's first place in dropout, of two
   */
  Operand<TFloat32> apply(Ops tf, Operand<TFloat32> states, TokenMask mask, Mode mode, int place) {
    Operand<TFloat32> attended = attention.apply(tf, states, mask, mode.precision());
    Operand<TFloat32> kept = mode.dropout().apply(tf, attended, place);
    Operand<TFloat32> middle = afterAttention.apply(tf, tf.math.add(kept, states));
    Operand<TFloat32> fed = feedForward(tf, middle, mode.precision());
    Operand<TFloat32> keptToo = mode.dropout().apply(tf, fed, place + 1);
    return afterOutput.apply(tf, tf.math.add(keptToo, middle));
  }

  private Operand<TFloat32> feedForward(
      Ops tf, Operand<TFloat32> states, ComputePrecision precision) {
    return output.apply(tf, gelu(tf, intermediate.apply(tf, states, precision)), precision);
  }

  /** x Φ(x), Φ being the normal distribution (Hendrycks and Gimpel, 2016), exactly and not by tanh. */
  private static Operand<TFloat32> gelu(Ops tf, Operand<TFloat32> x) {
    Operand<TFloat32> erf = tf.math.erf(tf.math.mul(x, tf.constant((float) Math.sqrt(0.5))));
    return tf.math.mul(tf.math.mul(x, tf.constant(0.5f)), tf.math.add(erf, tf.constant(1f)));
  }
}
