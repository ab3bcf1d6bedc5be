package org.adaptivesoftmax.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/** Makes an encoder's variables under the names that BERT's weights have, and with BERT's starting values. */
final class EncoderVariables {
  private static final double DEVIATION = 0.02;

  private final Ops tf;
  private final double epsilon;
  private final long seed;
  private final Map<String, Variable<TFloat32>> variables = new LinkedHashMap<>();

  EncoderVariables(Ops tf, double epsilon, long seed) {
    this.tf = tf;
    this.epsilon = epsilon;
    this.seed = seed;
  }

  /** All that have been made, by name. */
  Map<String, Variable<TFloat32>> all() {
    return Collections.unmodifiableMap(variables);
  }

  Variable<TFloat32> table(String name, int rows, int width) {
    Shape shape = Shape.of(rows, width);
    Ops init = tf.withInitScope();
    return variable(
        name + ".weight",
        shape,
        Initializers.normal(init, shape, DEVIATION, 31 * seed + variables.size()));
  }

  DenseLayer dense(String name, int inputs, int outputs) {
    return new DenseLayer(table(name, outputs, inputs), filled(name + ".bias", outputs, 0));
  }

  LayerNorm layerNorm(String name, int width) {
    return new LayerNorm(
        filled(name + ".weight", width, 1), filled(name + ".bias", width, 0), epsilon);
  }

  private Variable<TFloat32> filled(String name, int width, float value) {
    Ops init = tf.withInitScope();
    return variable(
        name, Shape.of(width), init.fill(init.constant(new int[] {width}), init.constant(value)));
  }

  private Variable<TFloat32> variable(String name, Shape shape, Operand<TFloat32> start) {
    Variable<TFloat32> variable = tf.withName(name).variable(shape, TFloat32.class);
    tf.withInitScope().assign(variable, start);
    variables.put(name, variable);
    return variable;
  }
}
