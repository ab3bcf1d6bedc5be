package org.adaptivesoftmax.pytorch;

import java.io.IOException;
import java.util.Map;
import org.adaptivesoftmax.OutputLayer;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/** Gives the variables of an exported graph their values. */
@FunctionalInterface
public interface WeightSource {
  /**
   * Assigns every variable.
   *
   * @param session of the exported graph
   * @param variables of the exported layer, under the names of {@link OutputLayer#parameters()}
   * @throws IllegalArgumentException if the values do not fit the variables
   * @throws IOException if the values cannot be read
   */
  void load(Session session, Map<String, ? extends Operand<TFloat32>> variables) throws IOException;

  /**
   * The values of a trained layer, as float32.
   *
   * @param trained the session that holds them
   * @param layer of that session's graph, with the same parameters as the exported one
   * @return a source that reads the values when it is asked to load
   */
  static WeightSource of(Session trained, OutputLayer<? extends TFloating> layer) {
    return (session, variables) -> {
      Map<String, ? extends Variable<? extends TFloating>> values = layer.parameters();
      if (!values.keySet().equals(variables.keySet())) {
        throw new IllegalArgumentException(
            "parameters %s do not match those of the exported layer: %s"
                .formatted(values.keySet(), variables.keySet()));
      }
      values.forEach(
          (name, value) -> {
            Operand<TFloat32> variable = variables.get(name);
            if (variable != null) {
              copy(trained, value, session, variable);
            }
          });
    };
  }

  private static void copy(
      Session trained,
      Variable<? extends TFloating> value,
      Session session,
      Operand<TFloat32> variable) {
    if (!value.shape().equals(variable.shape())) {
      throw new IllegalArgumentException(
          "variable %s: shape %s does not fit that of the exported layer: %s"
              .formatted(value.op().name(), value.shape(), variable.shape()));
    }
    Ops tf = Ops.create(session.graph()).withSubScope("load");
    Placeholder<? extends TNumber> placeholder = tf.placeholder(value.type());
    Operand<TFloat32> values = tf.dtypes.cast(placeholder, TFloat32.class);
    try (Result read = trained.runner().fetch(value).run()) {
      session
          .runner()
          .feed(placeholder, read.get(0))
          .addTarget(tf.assign(variable, values))
          .run()
          .close();
    }
  }
}
