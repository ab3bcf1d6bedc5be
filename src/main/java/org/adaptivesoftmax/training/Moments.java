package org.adaptivesoftmax.training;

import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/**
 * What Adam remembers of a variable's gradients, in two variables of its shape.
 *
 * @param first decayed mean of the gradients
 * @param second decayed mean of their squares
 */
record Moments(Variable<TFloat32> first, Variable<TFloat32> second) {
  /** Adds the moments of a variable, all zero. */
  static Moments create(Ops tf, Variable<TFloat32> variable) {
    // A name may not hold the slash of a name scope.
    String name = variable.op().name().replace('/', '.');
    return new Moments(
        zeros(tf, name + ".first_moment", variable.shape()),
        zeros(tf, name + ".second_moment", variable.shape()));
  }

  private static Variable<TFloat32> zeros(Ops tf, String name, Shape shape) {
    Variable<TFloat32> variable = tf.withName(name).variable(shape, TFloat32.class);
    Ops init = tf.withInitScope();
    init.assign(variable, init.fill(init.constant(shape.asArray()), init.constant(0f)));
    return variable;
  }
}
