package org.adaptivesoftmax.export;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.adaptivesoftmax.OutputLayer;
import org.adaptivesoftmax.QuantizedSoftmax;
import org.adaptivesoftmax.model.LanguageModel;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/**
 * Gives a model with a {@link QuantizedSoftmax} the weights of the same model in float32, one variable after the other. The
 * operations stay in the graph.
 */
final class QuantizedWeights {
  private QuantizedWeights() {}

  /**
   * Reads what the session of a training graph saved.
   *
   * @param prefix what {@link Session#save} was given
   * @param trained the model that was saved
   * @param session of the quantized model's graph
   * @param quantized made of the trained model
   * @throws IllegalArgumentException if there are no such weights, they do not fit the model or are not finite
   */
  static void restore(
      Path prefix, LanguageModel trained, Session session, LanguageModel quantized) {
    Ops tf = Ops.create(session.graph()).withSubScope("restore");
    List<Op> assignments = new ArrayList<>();
    for (Variable<TFloat32> variable :
        List.of(
            quantized.embedding().rows(), quantized.lstm().weights(), quantized.lstm().bias())) {
      assignments.add(tf.assign(variable, saved(tf, prefix, variable.op().name())));
    }
    Map<String, Operand<TFloat32>> weights = new LinkedHashMap<>();
    trained
        .output()
        .parameters()
        .forEach((name, variable) -> weights.put(name, saved(tf, prefix, variable.op().name())));
    assignments.addAll(((QuantizedSoftmax) quantized.output()).assign(tf, weights).values());
    SavedWeights.read(prefix, () -> assignments.forEach(session::run));
  }

  @SuppressWarnings("unchecked") // Of the one type that it is asked for.
  private static Operand<TFloat32> saved(Ops tf, Path prefix, String variable) {
    return (Output<TFloat32>)
        tf.train
            .restore(
                tf.constant(prefix.toString()),
                tf.array(variable),
                tf.array(""),
                List.of(TFloat32.class))
            .tensors()
            .get(0);
  }

  /**
   * Copies the values of a layer.
   *
   * @param loaded holds them, under the names of the layer's variables
   * @param layer has the variables' names and shapes, in whatever graph
   * @param session of the quantized layer's graph
   * @param quantized made of the layer
   * @throws IllegalArgumentException if a value is not finite
   */
  static void copy(
      Session loaded, OutputLayer<TFloat32> layer, Session session, QuantizedSoftmax quantized) {
    Ops tf = Ops.create(session.graph()).withSubScope("load");
    Map<String, Placeholder<TFloat32>> values = new LinkedHashMap<>();
    layer
        .parameters()
        .forEach(
            (name, variable) ->
                values.put(
                    name, tf.placeholder(TFloat32.class, Placeholder.shape(variable.shape()))));
    quantized
        .assign(tf, values)
        .forEach(
            (name, assignment) -> {
              Variable<TFloat32> variable = required(layer.parameters(), name);
              try (Result value = loaded.runner().fetch(variable.op().name()).run()) {
                session
                    .runner()
                    .feed(required(values, name), value.get(0))
                    .addTarget(assignment)
                    .run()
                    .close();
              }
            });
  }

  private static <V> V required(Map<String, V> values, String name) {
    return Objects.requireNonNull(values.get(name), name);
  }
}
