package org.adaptivesoftmax.model;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.model.TransformerEncoder.Mode;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * A text classifier on top of a pretrained encoder: logits = pooled Bᵀ + b, pooled being one state for each text.
 *
 * <p>Variables have the same names in every graph, so that what a training graph saved can be restored into a clean one.
 *
 * @param configuration what it is made of
 * @param encoder from tokens to states
 * @param output B and b, one row per class
 */
public record EncoderClassifier(
    EncoderClassifierConfiguration configuration, TransformerEncoder encoder, DenseLayer output) {
  /** Adds the classifier's variables to the graph; the encoder's start anew. */
  public static EncoderClassifier create(Ops tf, EncoderClassifierConfiguration configuration) {
    return new EncoderClassifier(
        configuration,
        TransformerEncoder.create(tf, configuration.encoder(), configuration.seed()),
        DenseLayer.create(
            tf,
            "output",
            configuration.encoder().width(),
            configuration.classes(),
            configuration.seed()));
  }

  /** Every variable. */
  public List<Variable<TFloat32>> variables() {
    List<Variable<TFloat32>> variables = new ArrayList<>(encoder.parameters().values());
    variables.addAll(output.variables());
    return variables;
  }

  /** The variables of the output layer. */
  public List<Variable<TFloat32>> outputVariables() {
    return output.variables();
  }

  /** Which tokens are none of a text's: 1 for a token, 0 for padding, [batch, time]. */
  public Operand<TFloat32> mask(Ops tf, Operand<TInt32> ids) {
    return tf.dtypes.cast(
        tf.math.notEqual(ids, tf.constant(configuration.padding())), TFloat32.class);
  }

  /**
   * The logits of texts, [batch, classes], with nothing dropped.
   *
   * @param ids of tokens, [batch, time]
   * @param mask 1 for a token, 0 for padding, [batch, time]
   */
  public Operand<TFloat32> logits(Ops tf, Operand<TInt32> ids, Operand<TFloat32> mask) {
    return logits(tf, encoder.pooled(tf, ids, mask));
  }

  /** The logits of {@link TransformerEncoder#pooled(Ops, Operand, Operand, Mode)}, [batch, classes]. */
  public Operand<TFloat32> logits(Ops tf, Operand<TFloat32> pooled) {
    return output.apply(tf, pooled);
  }
}
