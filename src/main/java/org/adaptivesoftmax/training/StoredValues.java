package org.adaptivesoftmax.training;

import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/**
 * Numbers of a training loop, in a variable, so that they are saved and restored with the weights.
 *
 * @param variable that holds them
 * @param fed what is assigned
 * @param assign assigns it
 */
record StoredValues(Variable<TFloat32> variable, Placeholder<TFloat32> fed, Op assign) {
  /** Adds the variable, all zero. */
  static StoredValues create(Ops tf, String name, int size) {
    Variable<TFloat32> variable = tf.withName(name).variable(Shape.of(size), TFloat32.class);
    Ops init = tf.withInitScope();
    init.assign(variable, init.fill(init.constant(new int[] {size}), init.constant(0f)));
    Placeholder<TFloat32> fed = tf.placeholder(TFloat32.class, Placeholder.shape(variable.shape()));
    return new StoredValues(variable, fed, tf.assign(variable, fed));
  }

  void write(Session session, float[] values) {
    try (TFloat32 tensor = TFloat32.tensorOf(variable.shape(), DataBuffers.of(values))) {
      session.runner().feed(fed, tensor).addTarget(assign).run().close();
    }
  }

  float[] read(Session session) {
    try (Result result = session.runner().fetch(variable.op().name()).run()) {
      float[] values = new float[(int) variable.shape().size()];
      result.get(0).asRawTensor().data().asFloats().read(values);
      return values;
    }
  }
}
