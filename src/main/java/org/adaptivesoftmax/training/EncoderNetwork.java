package org.adaptivesoftmax.training;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.assoftmax.RowSkipping;
import org.adaptivesoftmax.model.EncoderClassifier;
import org.adaptivesoftmax.model.TransformerEncoder.Dropout;
import org.adaptivesoftmax.model.TransformerEncoder.Mode;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Unique;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * A classifier with an encoder in training, from texts of a batch to their logits. The one input is each text's number in the
 * batch, so that any of them can go through it; everything else of a text is found by that number, its dropout masks too,
 * which are drawn once for the whole batch.
 */
final class EncoderNetwork implements RowSkipping.Network<TFloat32> {
  private final EncoderClassifier model;
  private final EncoderTraining training;
  private final Operand<TInt32> numbers;
  private final Unique<TInt32, TInt32> unique;
  private final Operand<TInt32> places;
  private final Operand<TFloat32> words;
  private final Operand<TFloat32> mask;

  /** What dropout keeps, [batch, time, width] for each place in the encoder, and last [batch, width]; empty without it. */
  private final List<Operand<TFloat32>> factors = new ArrayList<>();

  EncoderNetwork(Ops tf, EncoderClassifier model, EncoderTraining training, EncoderInputs inputs) {
    this.model = model;
    this.training = training;
    Operand<TInt32> ids = inputs.feeds().ids();
    Operand<TInt32> batch = tf.size(inputs.feeds().classes());
    numbers = tf.range(tf.constant(0), batch, tf.constant(1));
    unique = tf.unique(tf.reshape(ids, tf.constant(new int[] {-1})), tf.constant(new int[] {0}));
    places = tf.reshape(unique.idx(), tf.shape(ids));
    words = tf.gather(model.encoder().words(), unique.y(), tf.constant(0));
    mask = model.mask(tf, ids);
    var configuration = model.configuration();
    if (configuration.dropout() > 0) {
      StatelessDropout dropout =
          new StatelessDropout(configuration.dropout(), configuration.seed(), inputs.number());
      Operand<TInt32> width = tf.constant(new int[] {configuration.encoder().width()});
      Operand<TInt32> states = tf.concat(List.of(tf.shape(ids), width), tf.constant(0));
      for (int place = 0; place <= 2 * configuration.encoder().layers(); place++) {
        factors.add(dropout.factors(tf, states, place));
      }
      Operand<TInt32> pooled =
          tf.concat(List.of(tf.expandDims(batch, tf.constant(0)), width), tf.constant(0));
      factors.add(dropout.factors(tf, pooled, factors.size()));
    }
  }

  /** A row for each text of the batch: its number. */
  List<Operand<?>> inputs() {
    return List.of(numbers);
  }

  /** The rows of the batch's words, each once, [words, width]: what the embedding's gradient is taken by. */
  Operand<TFloat32> words() {
    return words;
  }

  /** The ids of {@link #words}, distinct. */
  Operand<TInt32> wordIds() {
    return unique.y();
  }

  @Override
  @SuppressWarnings("unchecked") // As inputs() gives it.
  public Operand<TFloat32> logits(Ops tf, List<Operand<?>> rows) {
    Operand<TInt32> chosen = (Operand<TInt32>) rows.get(0);
    Operand<TInt32> axis = tf.constant(0);
    Operand<TFloat32> embedded = tf.gather(words, tf.gather(places, chosen, axis), axis);
    int width = model.configuration().encoder().width();
    Dropout dropout =
        factors.isEmpty()
            ? Dropout.NONE
            : (scope, values, place) ->
                scope.math.mul(
                    values,
                    scope.reshape(
                        scope.gather(factors.get(place), chosen, axis),
                        scope.constant(new int[] {-1, width})));
    Operand<TFloat32> pooled =
        model
            .encoder()
            .pooled(
                tf,
                embedded,
                tf.gather(mask, chosen, axis),
                new Mode(training.precision(), dropout, training.frozenLayers()));
    Operand<TFloat32> kept =
        factors.isEmpty()
            ? pooled
            : tf.math.mul(pooled, tf.gather(factors.get(factors.size() - 1), chosen, axis));
    return model.logits(tf, kept);
  }
}
